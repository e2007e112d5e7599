import { type Static, Type } from '@sinclair/typebox'
import { encodeRequest } from '../../wire/http1/encode-request.ts'
import type { Address, EndpointKind } from '../../targets/address.ts'
import type { Exchange, HttpConnection } from '../../wire/exchange.ts'
import { ConnectionFailed } from '../../wire/connection.ts'
import { HeaderList } from '../../wire/headers.ts'
import type { Play } from '../stage/play.ts'
import { TooManySockets } from '../stage/connections.ts'
import { closed, PayloadText } from './arguments.ts'
import { type Outcome, met, unable } from './outcome.ts'
import { encodePayload } from '../../wire/bytes/payload.ts'

/** A text of any length. */
const RepeatedText = Type.Object(
  { repeat: Type.String(), times: Type.Integer({ minimum: 0, maximum: 1024 * 1024 }) },
  closed,
)
type RequestText = string | Static<typeof RepeatedText>

const written = (text: RequestText): string =>
  typeof text === 'string' ? text : text.repeat.repeat(text.times)

/** Header fields as a case writes them: null leaves a field out, a list writes one line for each value. */
export const CaseHeaders = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Null(), Type.Array(Type.String()), RepeatedText]),
)
type CaseHeaders = Readonly<Record<string, RequestText | null | readonly string[]>>

export const Endpoint = Type.Union(
  ['http', 'polling', 'long-polling', 'sse', 'websocket', 'updates', 'publish'].map((name) =>
    Type.Literal(name as EndpointKind),
  ),
  { description: 'An endpoint of the target description' },
)

/** Cuts a write into pieces: `whole`, `byte by byte`, or a number of bytes. */
export const Write = Type.Union([
  Type.Literal('whole'),
  Type.Literal('byte by byte'),
  Type.Integer({ minimum: 1 }),
])
export const chopOf = (write: string | number | undefined): number =>
  write === 'byte by byte' ? 1 : typeof write === 'number' ? write : 0

/** What a case may change of a request. */
export const requestParts = {
  method: Type.Optional(Type.String()),
  target: Type.Optional(
    Type.String({ description: 'The request target, instead of the path of the endpoint' }),
  ),
  form: Type.Optional(
    Type.Literal('absolute', { description: 'The request target is a whole URL (RFC 9112 section 3.2.2)' }),
  ),
  query: Type.Optional(
    Type.Union([PayloadText], { description: 'Added to the query of the request target, as it stands' }),
  ),
  version: Type.Optional(Type.String({ description: 'HTTP version (default 1.1)' })),
  headers: Type.Optional(CaseHeaders),
  body: Type.Optional(PayloadText),
  write: Type.Optional(Write),
}

/** What a case may write otherwise than a well-behaved client does. */
export const wireParts = {
  before: Type.Optional(Type.String({ description: 'Bytes in front of the request line' })),
  first: Type.Optional(Type.String({ description: 'A line between the request line and the first field' })),
  padding: Type.Optional(
    Type.Integer({ minimum: 1, description: 'A field of so many bytes, behind all others: X-Padding' }),
  ),
  'line-end': Type.Optional(
    Type.Literal('lf', { description: 'Lines of the header section end with LF alone' }),
  ),
  raw: Type.Optional(
    Type.Union([PayloadText], { description: 'All that is sent, instead of a request that the kit writes' }),
  ),
  chunks: Type.Optional(
    Type.Integer({ minimum: 1, description: 'The body goes in chunks of so many bytes instead of a length' }),
  ),
  extension: Type.Optional(Type.String({ description: 'Follows the size of each chunk, as it stands' })),
  withhold: Type.Optional(
    Type.Boolean({ description: 'Only the header section is sent; `send-body` sends the rest' }),
  ),
  data: Type.Optional(
    Type.String({ description: 'The update, in a request to `publish` as the description writes it' }),
  ),
}
export interface WireParts {
  readonly before?: string
  readonly first?: string
  readonly padding?: number
  readonly 'line-end'?: 'lf'
  readonly raw?: unknown
  readonly chunks?: number
  readonly extension?: string
  readonly withhold?: boolean
}
export interface RequestParts {
  readonly method?: string
  readonly target?: string
  readonly form?: 'absolute'
  readonly query?: unknown
  readonly version?: string
  readonly headers?: CaseHeaders
  readonly body?: unknown
  readonly write?: 'whole' | 'byte by byte' | number
}

/** The fields of the description, then those of the case; a field of the case replaces one of the same name. */
export function mergeHeaders(
  base: readonly (readonly [string, string])[],
  changes: CaseHeaders = {},
): (readonly [string, string])[] {
  const replaced = new Set(Object.keys(changes).map((name) => name.toLowerCase()))
  const kept = base.filter(([name]) => !replaced.has(name.toLowerCase()))
  const added = Object.entries(changes).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((one) => [name, written(one)] as const),
  )
  return [...kept, ...added]
}

export interface BuiltRequest {
  readonly bytes: Uint8Array
  /** What is sent later. */
  readonly withheld: Uint8Array
  readonly method: string
  readonly version: string
  /** The fields as they are sent. */
  readonly headers: HeaderList
}

/** The bytes of a request to an address, with what a case changes of it. */
export function buildRequest(
  address: Address,
  parts: RequestParts & WireParts,
  extra: readonly (readonly [string, string])[] = [],
): BuiltRequest {
  const method = parts.method ?? address.method
  const version = `HTTP/${parts.version ?? '1.1'}`
  const body = bodyOf(address, parts)
  const headers = mergeHeaders(
    [
      ['Host', address.url.host],
      ...address.headers,
      ...extra,
      ...framingOf(body, parts),
      ...paddingOf(parts),
    ],
    parts.headers,
  )
  const head = encodeRequest({ method, target: targetOf(address, parts), version, headers })
  const content = body === undefined || parts.chunks === undefined ? body : chunked(body, parts)
  const bytes = [wiredHead(head, parts), ...(parts.withhold || content === undefined ? [] : [content])]
  return {
    bytes: parts.raw === undefined ? Buffer.concat(bytes) : encodePayload(parts.raw),
    withheld: parts.withhold && content !== undefined ? content : new Uint8Array(),
    method,
    version,
    headers: new HeaderList(headers),
  }
}

function bodyOf(address: Address, parts: RequestParts): Uint8Array | undefined {
  if (parts.body !== undefined) return encodePayload(parts.body)
  return address.body === undefined ? undefined : Buffer.from(address.body)
}

/** The field that says where the body ends; a case that writes a Transfer-Encoding says so itself. */
function framingOf(
  body: Uint8Array | undefined,
  parts: RequestParts & WireParts,
): (readonly [string, string])[] {
  if (body === undefined || has(parts.headers, 'transfer-encoding')) return []
  if (parts.chunks !== undefined) return [['Transfer-Encoding', 'chunked']]
  return [['Content-Length', String(body.length)]]
}

const paddingOf = ({ padding }: WireParts): (readonly [string, string])[] =>
  padding === undefined ? [] : [['X-Padding', 'x'.repeat(padding)]]

function targetOf({ url }: Address, { target, form, query }: RequestParts & WireParts): string {
  const path = target ?? url.pathname + url.search
  const added = query === undefined ? '' : Buffer.from(encodePayload(query)).toString('latin1')
  const whole = added === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${added}`
  return form === 'absolute' ? `http${url.protocol === 'https:' ? 's' : ''}://${url.host}${whole}` : whole
}

/** The header section with the lines and line ends that a case asks for. */
function wiredHead(head: Uint8Array, { before = '', first, ...parts }: WireParts): Uint8Array {
  const text = Buffer.from(head).toString('latin1')
  const line = text.indexOf('\r\n') + 2
  const whole =
    before + (first === undefined ? text : `${text.slice(0, line)}${first}\r\n${text.slice(line)}`)
  return Buffer.from(parts['line-end'] === 'lf' ? whole.replaceAll('\r\n', '\n') : whole, 'latin1')
}

/** A body in the chunked transfer coding (RFC 9112 section 7.1). */
function chunked(body: Uint8Array, { chunks = body.length, extension = '' }: WireParts): Uint8Array {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < body.length; at += chunks) {
    const piece = body.subarray(at, at + chunks)
    pieces.push(Buffer.from(`${piece.length.toString(16)}${extension}\r\n`), piece, Buffer.from('\r\n'))
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')])
}

const has = (headers: CaseHeaders | undefined, name: string): boolean =>
  Object.keys(headers ?? {}).some((field) => field.toLowerCase() === name)

/** Sends a request on a connection of its own, or on the one that `on` used before. */
export async function sendRequest(
  play: Play,
  actor: string,
  address: Address,
  request: BuiltRequest,
  options: { on?: HttpConnection | undefined; chop?: number },
): Promise<Exchange> {
  const connection = options.on ?? (await play.connections.connect(actor, address.url))
  return connection.request(request.bytes, { ...request, chop: options.chop ?? 0 })
}

/** Runs what opens a connection; that there is none is about the kit's way to the target, not about the target's protocol. */
export async function opening(open: () => Promise<void>): Promise<Outcome> {
  try {
    await open()
    return met
  } catch (error) {
    if (error instanceof ConnectionFailed || error instanceof TooManySockets) return unable(error.message)
    throw error
  }
}
