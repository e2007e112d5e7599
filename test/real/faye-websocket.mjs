// WebSockets and event streams as one writes them with faye-websocket: `node faye-websocket.mjs PORT`.
// fixtures/targets/faye-websocket.yaml describes it.
import { createServer } from 'node:http'
import { argv } from 'node:process'
import WebSocket from 'faye-websocket'

const { EventSource } = WebSocket
const feeds = new Set()
const streams = new Set()
let published = 0

function publish(text) {
  published += 1
  for (const socket of feeds) socket.send(text)
  for (const stream of streams) stream.send(text, { id: String(published) })
}

function keepIn(set, client) {
  set.add(client)
  client.on('close', () => set.delete(client))
}

const server = createServer(async (request, response) => {
  if (EventSource.isEventSource(request))
    return keepIn(streams, new EventSource(request, response, { ping: 2, retry: 3 }))
  if (request.method !== 'POST' || request.url !== '/publish') return response.writeHead(404).end()
  const parts = []
  try {
    for await (const part of request) parts.push(part)
  } catch {
    // The client has gone before its content was complete.
    return response.destroy()
  }
  publish(Buffer.concat(parts).toString())
  response.writeHead(204).end()
})
server.on('upgrade', (request, socket, head) => {
  if (!WebSocket.isWebSocket(request)) return socket.destroy()
  const client = new WebSocket(request, socket, head)
  if (request.url === '/feed') keepIn(feeds, client)
  else client.on('message', (event) => client.send(event.data))
})
server.listen(Number(argv[2]), '127.0.0.1')
