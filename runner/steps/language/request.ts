import { type Static, Type } from '@sinclair/typebox'
import { encodeRequest, type FieldBlanks } from '../../wire/http1/encode-request.ts'
import type { Address, EndpointKind } from '../../targets/address.ts'
import type { Exchange, HttpConnection } from '../../wire/exchange.ts'
import { ConnectionFailed } from '../../wire/connection.ts'
import { HeaderList } from '../../wire/headers.ts'
import type { Play } from '../stage/play.ts'
import { TooManySockets } from '../stage/connections.ts'
import { closed, PayloadText } from './arguments.ts'
import { type Outcome, met, unable } from './outcome.ts'
import { encodePayload } from '../../wire/bytes/payload.ts'

/** A text that is repeated, so that a case can send long values. */
const RepeatedText = Type.Object(
  { repeat: Type.String(), times: Type.Integer({ minimum: 0, maximum: 1024 * 1024 }) },
  closed,
)
type RequestText = string | Static<typeof RepeatedText>

const expandText = (text: RequestText): string =>
  typeof text === 'string' ? text : text.repeat.repeat(text.times)

/** Header fields as a case writes them: null removes a field, a list writes one field line for each value. */
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

/** How bytes are split into writes: not at all, byte by byte, or into pieces of this many bytes. */
export const Write = Type.Union([
  Type.Literal('whole'),
  Type.Literal('byte by byte'),
  Type.Integer({ minimum: 1 }),
])
/** The size of the pieces, in bytes; 0 writes everything at once. */
export const chopSize = (write: string | number | undefined): number =>
  write === 'byte by byte' ? 1 : typeof write === 'number' ? write : 0

/** Whitespace around a field value (RFC 9110 section 5.6.3). */
const Blanks = Type.String({ pattern: '^[ \\t]*$' })

/** The properties of a request that a case can override. */
export const requestOverrides = {
  method: Type.Optional(Type.String()),
  target: Type.Optional(
    Type.String({ description: 'The request target (default: the path of the endpoint)' }),
  ),
  form: Type.Optional(
    Type.Literal('absolute', {
      description: 'Send the request target in absolute form: a whole URL (RFC 9112 section 3.2.2)',
    }),
  ),
  query: Type.Optional(
    Type.Union([PayloadText], {
      description: 'Appended to the query of the request target without encoding',
    }),
  ),
  version: Type.Optional(Type.String({ description: 'HTTP version (default 1.1)' })),
  headers: Type.Optional(CaseHeaders),
  blanks: Type.Optional(
    Type.Object(
      { before: Type.Optional(Blanks), after: Type.Optional(Blanks) },
      {
        ...closed,
        description:
          'The whitespace between each colon and the field value (default: one space), and after the value (default: none)',
      },
    ),
  ),
  body: Type.Optional(PayloadText),
  write: Type.Optional(Write),
}

/** How a request is written on the wire, where a case deviates from what an ordinary client writes. */
export const wireFormat = {
  before: Type.Optional(Type.String({ description: 'Text in front of the request line' })),
  first: Type.Optional(
    Type.String({ description: 'A line between the request line and the first header field' }),
  ),
  padding: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Add the field X-Padding with a value of this many bytes' }),
  ),
  'line-end': Type.Optional(
    Type.Literal('lf', { description: 'End the lines of the header section with LF instead of CRLF' }),
  ),
  raw: Type.Optional(
    Type.Union([PayloadText], {
      description: 'Send exactly these bytes instead of a request that the kit writes',
    }),
  ),
  chunks: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Send the body in chunks of this many bytes instead of with a Content-Length',
    }),
  ),
  extension: Type.Optional(
    Type.String({ description: 'Written after the size of each chunk without encoding' }),
  ),
  withhold: Type.Optional(
    Type.Boolean({ description: 'Send only the header section; `send-body` sends the body later' }),
  ),
  data: Type.Optional(
    Type.String({
      description: 'The update, for a request to the `publish` endpoint of the target description',
    }),
  ),
}
export interface WireFormat {
  readonly before?: string
  readonly first?: string
  readonly padding?: number
  readonly 'line-end'?: 'lf'
  readonly raw?: unknown
  readonly chunks?: number
  readonly extension?: string
  readonly withhold?: boolean
}
export interface RequestOverrides {
  readonly method?: string
  readonly target?: string
  readonly form?: 'absolute'
  readonly query?: unknown
  readonly version?: string
  readonly headers?: CaseHeaders
  readonly blanks?: FieldBlanks
  readonly body?: unknown
  readonly write?: 'whole' | 'byte by byte' | number
}

/** The fields in `base`, then those of the case; a field of the case replaces fields of the same name. */
function mergeHeaders(
  base: readonly (readonly [string, string])[],
  changes: CaseHeaders = {},
): (readonly [string, string])[] {
  const replaced = new Set(Object.keys(changes).map((name) => name.toLowerCase()))
  const kept = base.filter(([name]) => !replaced.has(name.toLowerCase()))
  const added = Object.entries(changes).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((one) => [name, expandText(one)] as const),
  )
  return [...kept, ...added]
}

/** Everything that a case can say about how a request is written. */
type RequestOptions = RequestOverrides & WireFormat

export interface BuiltRequest {
  readonly bytes: Uint8Array
  /** The body, if it is sent later; otherwise empty. */
  readonly withheld: Uint8Array
  readonly method: string
  readonly version: string
  /** The fields as they are sent. */
  readonly headers: HeaderList
}

/** Encodes a request to an address, with the overrides and the wire format that a case asks for. */
export function buildRequest(
  address: Address,
  options: RequestOptions,
  extraFields: readonly (readonly [string, string])[] = [],
): BuiltRequest {
  const method = options.method ?? address.method
  const version = `HTTP/${options.version ?? '1.1'}`
  const body = bodyOf(address, options)
  const headers = mergeHeaders(
    [
      ['Host', address.url.host],
      ...address.headers,
      ...extraFields,
      ...framingField(body, options),
      ...paddingField(options),
    ],
    options.headers,
  )
  const { blanks } = options
  const target = requestTarget(address, options)
  const head = encodeRequest({ method, target, version, headers, ...(blanks && { blanks }) })
  const content = body === undefined || options.chunks === undefined ? body : encodeChunks(body, options)
  const bytes = [formatHead(head, options), ...(options.withhold || content === undefined ? [] : [content])]
  return {
    bytes: options.raw === undefined ? Buffer.concat(bytes) : encodePayload(options.raw),
    withheld: options.withhold && content !== undefined ? content : new Uint8Array(),
    method,
    version,
    headers: new HeaderList(headers),
  }
}

function bodyOf(address: Address, options: RequestOverrides): Uint8Array | undefined {
  if (options.body !== undefined) return encodePayload(options.body)
  return address.body === undefined ? undefined : Buffer.from(address.body)
}

/** The field that frames the body; none if the case itself writes a Transfer-Encoding. */
function framingField(body: Uint8Array | undefined, options: RequestOptions): (readonly [string, string])[] {
  if (body === undefined || hasField(options.headers, 'transfer-encoding')) return []
  if (options.chunks !== undefined) return [['Transfer-Encoding', 'chunked']]
  return [['Content-Length', String(body.length)]]
}

const paddingField = ({ padding }: WireFormat): (readonly [string, string])[] =>
  padding === undefined ? [] : [['X-Padding', 'x'.repeat(padding)]]

function requestTarget({ url }: Address, { target, form, query }: RequestOptions): string {
  const path = target ?? url.pathname + url.search
  const added = query === undefined ? '' : Buffer.from(encodePayload(query)).toString('latin1')
  const whole = added === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${added}`
  return form === 'absolute' ? `http${url.protocol === 'https:' ? 's' : ''}://${url.host}${whole}` : whole
}

/** The header section with the extra lines and the line ends that a case asks for. */
function formatHead(head: Uint8Array, { before = '', first, 'line-end': lineEnd }: WireFormat): Uint8Array {
  const text = Buffer.from(head).toString('latin1')
  const line = text.indexOf('\r\n') + 2
  const whole =
    before + (first === undefined ? text : `${text.slice(0, line)}${first}\r\n${text.slice(line)}`)
  return Buffer.from(lineEnd === 'lf' ? whole.replaceAll('\r\n', '\n') : whole, 'latin1')
}

/** A body in the chunked transfer coding (RFC 9112 section 7.1). */
function encodeChunks(body: Uint8Array, { chunks = body.length, extension = '' }: WireFormat): Uint8Array {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < body.length; at += chunks) {
    const piece = body.subarray(at, at + chunks)
    pieces.push(Buffer.from(`${piece.length.toString(16)}${extension}\r\n`), piece, Buffer.from('\r\n'))
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')])
}

const hasField = (headers: CaseHeaders | undefined, name: string): boolean =>
  Object.keys(headers ?? {}).some((field) => field.toLowerCase() === name)

/**
 * Sends a request on the connection `on`, or on a new one.
 * @throws ConnectionFailed or TooManySockets if no connection can be opened
 */
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

/**
 * Runs `open`. The outcome is `unable` if a connection cannot be opened, which says nothing about the protocol of the
 * target.
 */
export async function unableUnlessConnected(open: () => Promise<void>): Promise<Outcome> {
  try {
    await open()
    return met
  } catch (error) {
    if (error instanceof ConnectionFailed || error instanceof TooManySockets) return unable(error.message)
    throw error
  }
}
