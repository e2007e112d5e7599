import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type HttpResponse, Refusal, text } from './http/response.ts'
import { asksForWebSocket, checkHandshake, isForeign } from './websocket/handshake.ts'
import { checkAccess, checkRequest, hasContent, targetOf } from './http/requests.ts'
import { respondAndClose } from './http/send-response.ts'
import { matchPath } from './routes.ts'
import { accept, type Endpoint, type Opening } from './websocket/endpoints.ts'

/** What the handshakes of one server share. */
export type UpgradeContext = Pick<Opening, 'store' | 'options' | 'closing'>

/**
 * Serves a request with an Upgrade field: accepts or refuses a WebSocket handshake, and responds to any other request
 * as if the field were absent (RFC 9110 section 7.8 lets a server ignore it).
 */
export function upgrade(
  server: Server,
  common: UpgradeContext,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  try {
    const url = targetOf(request)
    const match = matchPath(url.pathname)
    if (match?.route.socket === undefined || !asksForWebSocket(request)) {
      replayWithoutUpgrade(server, request, socket, head)
      return
    }
    checkAccess(request, match.channel, common.options.token)
    const flaw = handshakeRefusal(request, match.route.socket, common.closing)
    if (flaw !== undefined) respondAndClose(socket, flaw, common.options.closeMs)
    else accept(match.route.socket, { ...common, url, channel: match.channel }, request, socket, head)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    respondAndClose(socket, error.response, common.options.closeMs)
  }
}

/** The refusal of this handshake, or undefined if it is valid. Throws a refusal for what no request may contain. */
function handshakeRefusal(
  request: IncomingMessage,
  { origins }: Endpoint,
  closing: AbortSignal,
): HttpResponse | undefined {
  checkRequest(request)
  const refusal = checkHandshake(request)
  if (refusal !== undefined) return refusal
  if (origins === 'same' && isForeign(request)) return text(403, 'Pages of another site cannot use this.')
  if (hasContent(request)) return text(400, 'A handshake has no content.')
  return closing.aborted ? text(503, 'The server shuts down.') : undefined
}

/** Node's parser has detached from the connection: puts the request back onto the socket, without its Upgrade field. */
function replayWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const raw = request.rawHeaders
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`]
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== 'upgrade') lines.push(`${raw[at]}: ${raw[at + 1]}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}
