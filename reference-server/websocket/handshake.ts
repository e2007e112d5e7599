import type { IncomingMessage } from 'node:http'
import { formatOffer, isAcceptableDeflate, parseExtensions } from './extensions.ts'
import { fieldLines, tokens } from '../http/requests.ts'
import { type ResponseMessage, text } from '../http/response.ts'

/** RFC 9110 section 7.8: whether it is a request to switch to WebSocket, which HTTP/1.0 does not allow. */
export function isWebSocketRequest(request: IncomingMessage): boolean {
  return (
    request.method === 'GET' &&
    request.httpVersion === '1.1' &&
    tokens(request, 'upgrade').includes('websocket')
  )
}

/**
 * The refusal of an invalid opening handshake (RFC 6455 sections 4.2.1 and 4.2.2); undefined if it is valid. Host and
 * the HTTP version are checked elsewhere.
 */
export function checkHandshake(request: IncomingMessage): ResponseMessage | undefined {
  if (!isWebSocketRequest(request))
    return upgradeRequired('This is a WebSocket endpoint: it requires an upgrade.')
  if (!tokens(request, 'connection').includes('upgrade')) {
    return text(400, 'The Connection field of a handshake lists "upgrade".')
  }
  return checkVersion(request) ?? checkKey(request) ?? checkSubprotocols(request) ?? checkExtensions(request)
}

/** RFC 9110 section 15.5.22: a 426 names the required protocol. */
export function upgradeRequired(why: string): ResponseMessage {
  return text(426, why, { 'Sec-WebSocket-Version': '13', Upgrade: 'websocket', Connection: 'Upgrade' })
}

/** Section 4.4: a request with another version gets the supported version. */
function checkVersion(request: IncomingMessage): ResponseMessage | undefined {
  const versions = fieldLines(request, 'sec-websocket-version')
  if (versions.length === 1 && versions[0] === '13') return undefined
  return upgradeRequired('The supported version of WebSocket is 13.')
}

/** Section 4.1: base64 of 16 bytes. Encoding the bytes again detects superfluous bits. */
function checkKey(request: IncomingMessage): ResponseMessage | undefined {
  const [key, ...more] = fieldLines(request, 'sec-websocket-key')
  const bytes = Buffer.from(key ?? '', 'base64')
  if (more.length === 0 && bytes.length === 16 && bytes.toString('base64') === key) return undefined
  return text(400, 'A handshake has one Sec-WebSocket-Key: 16 bytes in base64.')
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Section 4.1: the requested names are tokens without duplicates. */
function checkSubprotocols(request: IncomingMessage): ResponseMessage | undefined {
  const lines = fieldLines(request, 'sec-websocket-protocol')
  if (lines.length === 0) return undefined
  const names = subprotocolsOf(request)
  if (names.length > 0 && names.every((name) => token.test(name)) && new Set(names).size === names.length) {
    return undefined
  }
  return text(400, 'Sec-WebSocket-Protocol must be a list of different tokens.')
}

/** The requested subprotocols, in the order of preference. */
function subprotocolsOf(request: IncomingMessage): string[] {
  const names = fieldLines(request, 'sec-websocket-protocol').flatMap((line) => line.split(','))
  return names.map((name) => name.trim()).filter((name) => name !== '')
}

function checkExtensions(request: IncomingMessage): ResponseMessage | undefined {
  const lines = fieldLines(request, 'sec-websocket-extensions')
  if (lines.length === 0 || parseExtensions(lines.join(',')) !== undefined) return undefined
  return text(400, 'Sec-WebSocket-Extensions is malformed.')
}

/** The acceptable offers of permessage-deflate, as a field value; undefined if there is none. */
export function deflateOffers(request: IncomingMessage): string | undefined {
  const offers = parseExtensions(fieldLines(request, 'sec-websocket-extensions').join(',')) ?? []
  return offers.filter(isAcceptableDeflate).map(formatOffer).join(', ') || undefined
}

/** Whether a page of another host sent the request (RFC 6455 section 10.2). Clients other than browsers send no Origin. */
export function isForeign({ headers: { origin, host } }: IncomingMessage): boolean {
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== host
}
