import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpResponse } from './response.ts'
import { hasContent } from './requests.ts'

/** Whether the connection closes after the response, and for how many milliseconds it still reads and drops bytes. */
export interface ConnectionEnd {
  readonly lingerMs: number
  readonly closing: boolean
}

/** Sends `content` to `request`; HEAD gets the same header section without content (RFC 9110 section 9.3.2). */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  content: HttpResponse,
  ending: ConnectionEnd,
): void {
  if (response.headersSent || response.destroyed) return
  const unread = leavesContentUnread(request)
  const closes = ending.closing || unread || !staysOpen(request, response, content)
  const { Vary, ...fields } = content.headers ?? {}
  if (Vary !== undefined) varyOn(response, Vary)
  response.writeHead(content.status, {
    // Node caches its own Date, which could then be earlier than Last-Modified (RFC 9110 section 8.8.2.1).
    Date: new Date().toUTCString(),
    ...fields,
    ...lengthOf(content),
    ...connectionField(content, closes),
  })
  const body = request.method === 'HEAD' ? '' : (content.body ?? '')
  if (!unread) response.end(body)
  else endAfterContent(request, response, body, ending.lingerMs)
}

/** Adds a field name to Vary (RFC 9110 section 12.5.5). */
export function varyOn(response: ServerResponse, field: string): void {
  const others = response.getHeader('Vary')
  response.setHeader('Vary', others === undefined ? field : `${String(others)}, ${field}`)
}

/** RFC 9112 section 9.3. With a Connection field of ours, node does not send the keep-alive that HTTP/1.0 needs. */
function staysOpen(request: IncomingMessage, response: ServerResponse, { headers }: HttpResponse): boolean {
  if (request.httpVersion === '1.0' && headers?.Connection !== undefined) return false
  return response.shouldKeepAlive
}

/** Unread content up to this size, in bytes, is skipped to keep the connection; for more it is closed. */
const skippedBytes = 64 * 1024

/** RFC 9110 section 10.1.1: after a final response instead of a 100, the client may or may not send the content. */
function leavesContentUnread(request: IncomingMessage): boolean {
  if (request.complete || !hasContent(request)) return false
  const length = Number(request.headers['content-length'] ?? Infinity)
  return length > skippedBytes || request.headers.expect !== undefined
}

/**
 * RFC 9112 section 9.6: closing while the client still sends would reset the connection, and the response could be
 * lost. So the whole response is sent first, and the connection is closed after the rest of the request.
 */
function endAfterContent(
  request: IncomingMessage,
  response: ServerResponse,
  body: string | Uint8Array,
  lingerMs: number,
): void {
  if (body.length === 0) response.flushHeaders()
  else response.write(body)
  const end = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, lingerMs)
  request.once('end', end)
  response.once('close', () => clearTimeout(timer))
  request.resume()
}

/**
 * Responds on a socket without a `ServerResponse` (malformed requests, refused handshakes) and closes our side. The
 * socket is destroyed when the other side has closed too, or after `lingerMs` milliseconds.
 */
export function respondAndClose(socket: Duplex, response: HttpResponse, lingerMs: number): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
  socket.end(rawResponse(response))
  socket.resume()
}

/** The bytes of a complete HTTP/1.1 response, the last one on its connection. */
function rawResponse(response: HttpResponse): string {
  const date = { Date: new Date().toUTCString() }
  const headers = { ...date, ...response.headers, ...lengthOf(response), ...connectionField(response, true) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const reason = STATUS_CODES[response.status] ?? ''
  return `HTTP/1.1 ${response.status} ${reason}\r\n${lines.join('')}\r\n${response.body === undefined ? '' : Buffer.from(response.body).toString()}`
}

/** RFC 9112 section 9.6: the last response on a connection has the option `close` beside its other options. */
function connectionField({ headers }: HttpResponse, closes: boolean): Record<string, string> {
  const options = [headers?.Connection, closes ? 'close' : undefined].filter((option) => option !== undefined)
  return options.length === 0 ? {} : { Connection: [...new Set(options)].join(', ') }
}

/** RFC 9110 section 8.6: 204 and 1xx have no Content-Length; 304 need not have one. */
function lengthOf({ status, body }: HttpResponse): Record<string, string> {
  if (status === 204 || status === 304) return {}
  return { 'Content-Length': String(Buffer.byteLength(body ?? '')) }
}
