import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import type { SecureVersion, TLSSocket } from 'node:tls'
import { WebSocketServer } from 'ws'
import { packageRoot } from '../../runner/package/paths.ts'
import { atEnd, portOf } from '../targets/servers.ts'

/** Certificates that stand for nothing: README.md tells how they were made. */
export const material = join(packageRoot, 'test', 'tls')
export const ca = join(material, 'test-only-ca.pem')

/** What came of a handshake of TLS. */
interface Handshake {
  /** The name that the client asked for, if it did. */
  readonly servername: string | undefined
  /** The protocol that client and server agreed on (ALPN, RFC 7301). */
  readonly protocol: string | undefined
}

export interface TlsServer {
  readonly port: number
  readonly handshakes: readonly Handshake[]
  /** The protocols that clients offered, those that they like best first. */
  readonly offers: readonly (readonly string[])[]
  /** Requests, those that open a WebSocket among them. */
  readonly requests: readonly IncomingMessage[]
  /** The server's ends of its connections. */
  readonly sockets: readonly TLSSocket[]
}

/** An echo at /echo (any query) that speaks chat.v1, and an event stream at /events, with a certificate for `name`. */
export async function tlsServer(
  name: 'localhost' | 'other.test' = 'localhost',
  maxVersion: SecureVersion = 'TLSv1.3',
): Promise<TlsServer> {
  const handshakes: Handshake[] = []
  const offers: string[][] = []
  const requests: IncomingMessage[] = []
  const sockets: TLSSocket[] = []
  const server = https.createServer({
    key: readFileSync(join(material, `test-only-${name}-key.pem`)),
    cert: readFileSync(join(material, `test-only-${name}.pem`)),
    maxVersion,
    ALPNCallback: ({ protocols }) => {
      offers.push(protocols)
      return protocols.find((protocol) => protocol === 'http/1.1')
    },
  })
  server.on('secureConnection', (socket) => {
    sockets.push(socket.on('error', () => undefined))
    handshakes.push(handshakeOf(socket))
  })
  server.on('request', answer)
  for (const event of ['request', 'upgrade'])
    server.on(event, (request: IncomingMessage) => requests.push(request))
  serveEcho(server)
  // Where localhost leads depends on the machine: each of its addresses is tried.
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return { port: portOf(server), handshakes, offers, requests, sockets }
}

/** Node says false for what was not asked for. */
const handshakeOf = (socket: TLSSocket): Handshake => ({
  servername: socket.servername || undefined,
  protocol: socket.alpnProtocol || undefined,
})

function serveEcho(server: https.Server): void {
  const handleProtocols = (offered: Set<string>): string | false => offered.has('chat.v1') && 'chat.v1'
  const sockets = new WebSocketServer({ server, handleProtocols })
  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
}

function answer({ url, method }: IncomingMessage, response: ServerResponse): void {
  if (url !== '/events') return void response.writeHead(404).end()
  if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end()
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  if (method === 'HEAD') return void response.end()
  response.write(': hello\n\ndata: one\n\n')
}
