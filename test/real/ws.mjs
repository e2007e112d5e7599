// A WebSocket server as one writes it with ws: `node ws.mjs PORT`. fixtures/targets/ws.yaml describes it.
import { createServer } from 'node:http'
import { argv } from 'node:process'
import { WebSocketServer } from 'ws'

const echo = new WebSocketServer({ noServer: true })
echo.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  socket.on('error', () => socket.terminate())
})

const feed = new WebSocketServer({ noServer: true })
feed.on('connection', (socket) => socket.on('error', () => socket.terminate()))

const server = createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/publish') return response.writeHead(404).end()
  const parts = []
  try {
    for await (const part of request) parts.push(part)
  } catch {
    // The client has gone before its content was complete.
    return response.destroy()
  }
  for (const socket of feed.clients) socket.send(Buffer.concat(parts).toString())
  response.writeHead(204).end()
})
server.on('upgrade', (request, socket, head) => {
  const service = { '/echo': echo, '/feed': feed }[new URL(request.url, 'http://any').pathname]
  if (service === undefined) return socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
  service.handleUpgrade(request, socket, head, (client) => service.emit('connection', client))
})
server.listen(Number(argv[2]), '127.0.0.1')
