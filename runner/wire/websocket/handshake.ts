import { createHash } from 'node:crypto'
import { show } from '../bytes/bytes.ts'
import { parseExtensions } from './extensions.ts'
import type { HeaderList } from '../headers.ts'
import type { Finding, Report } from '../finding.ts'

/** RFC 6455 section 1.3 */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The Sec-WebSocket-Accept for a Sec-WebSocket-Key, whose text is used as sent. */
export function acceptKey(key: string): string {
  return createHash('sha1')
    .update(key + guid, 'utf8')
    .digest('base64')
}

/** A Sec-WebSocket-Key: 16 bytes in base64, derived from `seed`. */
export function newKey(seed: Uint8Array): string {
  return createHash('sha256').update(seed).digest().subarray(0, 16).toString('base64')
}

/** The opening handshake that the client sent. */
export interface Offer {
  readonly key: string
  readonly offeredSubprotocols: readonly string[]
  /** Elements of Sec-WebSocket-Extensions, with or without parameters. */
  readonly offeredExtensions: readonly string[]
}

/** Checks the response to an opening handshake (RFC 6455 section 4.2.2). */
export function checkHandshakeResponse(
  head: { readonly status: number; readonly headers: HeaderList },
  offer: Offer,
): Finding[] {
  const findings: Finding[] = []
  const report: Report = (rule, detail) => findings.push({ rule, detail })
  if (head.status !== 101) {
    report('ws-hs-101', `the response has the status ${head.status} instead of 101`)
    return findings
  }
  checkUpgrade(head.headers, report)
  checkAccept(head.headers, offer.key, report)
  checkSubprotocol(head.headers.all('sec-websocket-protocol'), offer.offeredSubprotocols, report)
  checkExtensions(head.headers.all('sec-websocket-extensions'), offer.offeredExtensions, report)
  checkNoBody(head.headers, report)
  return findings
}

// RFC 6455 section 4.2.2, 5.2 and 5.3
function checkUpgrade(headers: HeaderList, report: Report): void {
  const upgrade = headers.get('upgrade')
  if (upgrade?.toLowerCase() !== 'websocket') report('ws-hs-upgrade-value', describeField('Upgrade', upgrade))
  if (!headers.list('connection').some((option) => option.toLowerCase() === 'upgrade'))
    report('ws-hs-connection-value', describeField('Connection', headers.get('connection')))
}

// RFC 6455 sections 4.2.2, 5.4 and 11.3.3
function checkAccept(headers: HeaderList, key: string, report: Report): void {
  const values = headers.all('sec-websocket-accept')
  const correct = acceptKey(key)
  if (values.length > 1)
    report('ws-hs-accept-once', `Sec-WebSocket-Accept is in ${values.length} field lines`)
  if (values[0] !== correct)
    report('ws-hs-key-hash', `${describeField('Sec-WebSocket-Accept', values[0])}; correct is ${correct}`)
}

// RFC 6455 section 4.2.2, /subprotocol/, and section 11.3.4
function checkSubprotocol(values: readonly string[], offered: readonly string[], report: Report): void {
  if (values.length === 0) return
  const named = values.map((value) => shown(value)).join(' and ')
  if (offered.length === 0) {
    report('ws-hs-subproto-none-offered', `no subprotocol was offered, but the response names ${named}`)
    return
  }
  const names = values.flatMap((value) => value.split(',')).map((name) => name.trim())
  if (values.length > 1 || names.length > 1)
    report('ws-hs-subproto-single', `the response names several subprotocols: ${named}`)
  if (names.every((name) => name === '')) {
    report('ws-hs-subproto-no-agreement', 'the response has an empty Sec-WebSocket-Protocol field')
    return
  }
  if (names.every((name) => offered.includes(name))) return
  const detail = `the response names ${named}, which is not one of the offered subprotocols: ${offered.join(', ')}`
  report('ws-hs-subproto-from-offer', detail)
  const anyCase = new Set(offered.map((name) => name.toLowerCase()))
  if (names.every((name) => anyCase.has(name.toLowerCase()))) report('ws-hs-subproto-exact', detail)
}

// RFC 6455 sections 4.2.2, /extensions/, 9.1 and 11.3.2
function checkExtensions(values: readonly string[], offered: readonly string[], report: Report): void {
  if (values.length > 1)
    report('ws-hs-ext-once-in-response', `Sec-WebSocket-Extensions is in ${values.length} field lines`)
  if (values.length === 0) return
  const joined = values.join(', ')
  if (joined.replaceAll(',', '').trim() === '') {
    report('ws-hs-ext-not-empty', 'the response has an empty Sec-WebSocket-Extensions field')
    return
  }
  const names = parseExtensions(joined)?.map(({ name }) => name)
  const known = new Set(offered.map((element) => element.split(';')[0]?.trim()))
  if (names?.every((name) => known.has(name)) !== true)
    report(
      'ws-hs-ext-from-offer',
      `the response names ${shown(joined)}, but ${[...known].join(', ') || 'no extension'} was offered`,
    )
}

// RFC 6455 section 4.2.2: frames follow the blank line
function checkNoBody(headers: HeaderList, report: Report): void {
  const length = headers.get('content-length') ?? '0'
  if (headers.has('transfer-encoding')) report('ws-hs-no-body-on-101', 'the 101 has a Transfer-Encoding')
  if (!/^0+$/.test(length)) report('ws-hs-no-body-on-101', `the 101 has a Content-Length of ${shown(length)}`)
}

function describeField(name: string, value: string | undefined): string {
  return value === undefined ? `the response has no ${name} field` : `${name} is ${shown(value)}`
}

function shown(value: string): string {
  return show(Buffer.from(value, 'latin1'), 200)
}
