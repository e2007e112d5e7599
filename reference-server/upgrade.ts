import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ResponseMessage, Refusal, text } from './http/response.ts'
import { isWebSocketRequest, checkHandshake, isForeign } from './websocket/handshake.ts'
import { checkAccess, checkRequest, hasContent, targetOf } from './http/requests.ts'
import { endOnSocket } from './http/send-response.ts'
import { matchPath } from './routes.ts'
import { accept, type Endpoint, type Opening } from './websocket/endpoints.ts'

/** The properties that all handshakes of one server share. */
type SharedOpening = Pick<Opening, 'store' | 'options' | 'closing'>

/**
 * Serves a request with an Upgrade field: a handshake is accepted or refused; any other request is
 * handled as if it had no Upgrade field, which a server may ignore (RFC 9110 section 7.8).
 */
export function upgrade(
  server: Server,
  common: SharedOpening,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  try {
    const url = targetOf(request)
    const match = matchPath(url.pathname)
    if (match?.route.socket === undefined || !isWebSocketRequest(request)) {
      readAgain(server, request, socket, head)
      return
    }
    checkAccess(request, match.channel, common.options.token)
    const refusal = refusalOf(request, match.route.socket, common.closing)
    if (refusal !== undefined) endOnSocket(socket, refusal, common.options.closeMs)
    else accept(match.route.socket, { ...common, url, channel: match.channel }, request, socket, head)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    endOnSocket(socket, error.response, common.options.closeMs)
  }
}

/** The refusal of an invalid handshake; undefined if it is valid. @throws Refusal for an invalid request of any kind */
function refusalOf(
  request: IncomingMessage,
  { origins }: Endpoint,
  closing: AbortSignal,
): ResponseMessage | undefined {
  checkRequest(request)
  const refusal = checkHandshake(request)
  if (refusal !== undefined) return refusal
  if (origins === 'same' && isForeign(request))
    return text(403, 'Pages of other origins cannot open this WebSocket.')
  if (hasContent(request)) return text(400, 'A handshake has no content.')
  return closing.aborted ? text(503, 'The server is shutting down.') : undefined
}

/** Node's parser has detached from the connection, so the request is put back and parsed again without Upgrade. */
function readAgain(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const raw = request.rawHeaders
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`]
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== 'upgrade') lines.push(`${raw[at]}: ${raw[at + 1]}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}
