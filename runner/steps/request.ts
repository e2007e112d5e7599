import { type Static, Type } from '@sinclair/typebox'
import { encodeRequest } from '../wire/http-request.ts'
import { type Address, type EndpointKind } from '../target/target.ts'
import { payload } from '../wire/bytes.ts'
import type { Exchange, HttpConnection } from '../wire/http-connection.ts'
import { ConnectionFailed } from '../wire/connection.ts'
import { HeaderList } from '../wire/headers.ts'
import type { Play } from './play.ts'
import { TooManySockets } from './play.ts'
import { closed, type Outcome, PayloadText, met, unable } from './verb.ts'

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
  ['http', 'polling', 'long-polling', 'sse', 'websocket', 'updates'].map((name) =>
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
    Type.Literal('absolute', { description: 'The request target is the whole URL (RFC 9112 section 3.2.2)' }),
  ),
  query: Type.Optional(
    Type.Union([Type.String(), RepeatedText], {
      description: 'What is added to the query of the request target',
    }),
  ),
  version: Type.Optional(Type.String({ description: 'HTTP version (default 1.1)' })),
  headers: Type.Optional(CaseHeaders),
  body: Type.Optional(PayloadText),
  write: Type.Optional(Write),
}
export interface RequestParts {
  readonly method?: string
  readonly target?: string
  readonly form?: 'absolute'
  readonly query?: RequestText
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
  readonly method: string
  readonly version: string
  /** The fields as they are sent. */
  readonly headers: HeaderList
}

/** The bytes of a request to an address, with what a case changes of it. */
export function buildRequest(
  address: Address,
  parts: RequestParts,
  extra: readonly (readonly [string, string])[] = [],
): BuiltRequest {
  const method = parts.method ?? address.method
  const version = `HTTP/${parts.version ?? '1.1'}`
  const body =
    parts.body === undefined
      ? address.body === undefined
        ? undefined
        : Buffer.from(address.body)
      : payload(parts.body)
  const length: (readonly [string, string])[] =
    body === undefined || has(parts.headers, 'transfer-encoding')
      ? []
      : [['Content-Length', String(body.length)]]
  const headers = mergeHeaders(
    [['Host', address.url.host], ...address.headers, ...extra, ...length],
    parts.headers,
  )
  const target = requestTarget(address, parts)
  return {
    bytes: encodeRequest({ method, target, version, headers, ...(body === undefined ? {} : { body }) }),
    method,
    version,
    headers: new HeaderList(headers),
  }
}

/** RFC 9112 section 3.2: the path and query, or all of the URL. */
function requestTarget({ url }: Address, { target, form, query }: RequestParts): string {
  const own = target ?? url.pathname + url.search
  const whole = query === undefined ? own : `${own}${own.includes('?') ? '&' : '?'}${written(query)}`
  return form === 'absolute' ? `${url.protocol.replace('ws', 'http')}//${url.host}${whole}` : whole
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
  const connection = options.on ?? (await play.connect(actor, address.url))
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
