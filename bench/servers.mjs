// Two servers for the benchmark, in a separate process: one that conforms, and one that stops responding at the first
// violation. `node bench/servers.mjs ws` or `hanging`; prints the port.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import process from 'node:process'
import { WebSocketServer } from 'ws'
import { FrameParser } from '../dist/runner/wire/websocket/frame-parser.js'
import { encodeFrame } from '../dist/runner/wire/websocket/frame.js'
import { MessageAssembler } from '../dist/runner/wire/websocket/message.js'
import { defaultLimits } from '../dist/runner/wire/limits.js'

/** Responds like a conforming server up to the first violation, then no more. */
function echoUntilViolation(socket) {
  let isSilent = false
  const options = { limits: defaultLimits, onFinding: () => (isSilent = true) }
  const frames = new FrameParser({ ...options, from: 'client' })
  const messages = new MessageAssembler(options)
  const send = (opcode, payload) => isSilent || socket.write(encodeFrame({ opcode, payload }))
  const handle = (frame) => {
    if (frame.opcode === 9) send(10, frame.payload)
    for (const { type, payload } of messages.push(frame)) if (payload) send(type === 'text' ? 1 : 2, payload)
    if (frame.opcode !== 8 || isSilent) return
    send(8, frame.payload)
    socket.end()
    isSilent = true
  }
  socket.on('data', (bytes) => {
    for (const frame of frames.push(bytes)) {
      isSilent ||= frame.kind === 'malformed' || (frame.opcode > 2 && frame.opcode < 8) || frame.opcode > 10
      if (!isSilent) handle(frame)
    }
  })
}

const starts = {
  /** An echo server with the library ws. */
  ws(server) {
    const sockets = new WebSocketServer({ server, maxPayload: 32 * 1024 * 1024, perMessageDeflate: false })
    sockets.on('connection', (socket) => {
      socket.on('error', () => undefined)
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
  },
  /** An echo server that stops responding after an invalid frame, but leaves the connection open. */
  hanging(server) {
    server.on('upgrade', (request, socket) => {
      const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
      const accept = createHash('sha1').update(key).digest('base64')
      socket.on('error', () => undefined)
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      echoUntilViolation(socket)
    })
  },
}

const server = createServer()
starts[process.argv[2]]?.(server)
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
process.on('disconnect', () => process.exit())
