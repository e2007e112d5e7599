// The greeting protocol: a client sends HELLO and its name, the server responds with WELCOME and the name.
import process from 'node:process'
import { WebSocketServer } from 'ws'

// With this argument the server is wrong on purpose: it does not insist on HELLO.
const isForgiving = process.argv[3] === 'forgiving'
const sockets = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2] ?? 9000) })

sockets.on('connection', (socket) => {
  let isGreeted = false
  // Without this listener, the first invalid frame of a client would end the process.
  socket.on('error', () => {})
  socket.on('message', (/** @type {Buffer} */ data) => {
    const [word, ...rest] = String(data).split(' ')
    if (word === 'HELLO') {
      isGreeted = true
      socket.send(`WELCOME ${rest.join(' ')}`)
    } else if (isGreeted || isForgiving) {
      socket.send(`ERROR unknown ${word}`)
    } else {
      socket.close(4001, 'say HELLO first')
    }
  })
})

sockets.on('listening', () => console.log(`listening on port ${sockets.address().port}`))
