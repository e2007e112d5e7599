import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ResponseMessage } from './response.ts'
import { hasContent } from './requests.ts'

/** How the connection continues after a response. */
interface Ending {
  /** How long the rest of a request is read and dropped before the connection is closed. */
  readonly lingerMs: number
  /** Whether the server shuts down, so that the connection is closed in any case. */
  readonly closing: boolean
}

/** Sends `message` as the response to `request`; to HEAD without its content (RFC 9110 section 9.3.2). */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  message: ResponseMessage,
  ending: Ending,
): void {
  if (response.headersSent || response.destroyed) return
  const unread = leavesMuchUnread(request)
  const closes = ending.closing || unread || !staysOpen(request, response, message)
  const { Vary, ...fields } = message.headers ?? {}
  if (Vary !== undefined) varyOn(response, Vary)
  response.writeHead(message.status, {
    // Node caches its own Date value, which could be before Last-Modified (RFC 9110 section 8.8.2.1).
    Date: new Date().toUTCString(),
    ...fields,
    ...lengthOf(message),
    ...connectionField(message, closes),
  })
  const body = request.method === 'HEAD' ? '' : (message.body ?? '')
  if (!unread) response.end(body)
  else endAfterContent(request, response, body, ending.lingerMs)
}

/** Adds a request field to Vary (RFC 9110 section 12.5.5). */
export function varyOn(response: ServerResponse, field: string): void {
  const earlier = response.getHeader('Vary')
  response.setHeader('Vary', earlier === undefined ? field : `${String(earlier)}, ${field}`)
}

/** RFC 9112 section 9.3. A Connection field of the message replaces the keep-alive that HTTP/1.0 needs. */
function staysOpen(
  request: IncomingMessage,
  response: ServerResponse,
  { headers }: ResponseMessage,
): boolean {
  if (request.httpVersion === '1.0' && headers?.Connection !== undefined) return false
  return response.shouldKeepAlive
}

/** Bytes of unread content that are skipped before the next request; with more, the connection is closed. */
const skippedBytes = 64 * 1024

/** RFC 9110 section 10.1.1: after a final response instead of a 100, the client may or may not send its content. */
function leavesMuchUnread(request: IncomingMessage): boolean {
  if (request.complete || !hasContent(request)) return false
  const length = Number(request.headers['content-length'] ?? Infinity)
  return length > skippedBytes || request.headers.expect !== undefined
}

/**
 * RFC 9112 section 9.6: closing the connection while the client still sends would reset it, and the reset
 * may destroy the response. So the response is sent first, and closing waits for the rest of the request.
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
 * Responds on a socket that has no `ServerResponse` (malformed requests, refused handshakes) and closes its sending
 * side. The socket is closed when the client has closed its side too, or after `lingerMs` milliseconds.
 */
export function endOnSocket(socket: Duplex, message: ResponseMessage, lingerMs: number): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
  socket.end(rawResponse(message))
  socket.resume()
}

/** The bytes of a complete HTTP/1.1 response that is the last one on its connection. */
function rawResponse(message: ResponseMessage): string {
  const date = { Date: new Date().toUTCString() }
  const headers = { ...date, ...message.headers, ...lengthOf(message), ...connectionField(message, true) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const reason = STATUS_CODES[message.status] ?? ''
  return `HTTP/1.1 ${message.status} ${reason}\r\n${lines.join('')}\r\n${message.body === undefined ? '' : Buffer.from(message.body).toString()}`
}

/** RFC 9112 section 9.6: the last response on a connection has the option close, in addition to its own options. */
function connectionField({ headers }: ResponseMessage, closes: boolean): Record<string, string> {
  const options = [headers?.Connection, closes ? 'close' : undefined].filter((option) => option !== undefined)
  return options.length === 0 ? {} : { Connection: [...new Set(options)].join(', ') }
}

/** RFC 9110 section 8.6: 204 and 1xx have no Content-Length; 304 need not have one. */
function lengthOf({ status, body }: ResponseMessage): Record<string, string> {
  if (status === 204 || status === 304) return {}
  return { 'Content-Length': String(Buffer.byteLength(body ?? '')) }
}
