import type { HeaderList } from '../wire/headers.ts'
import { HookFailed } from './errors/hook-failed.ts'
import { beginning } from './errors/text.ts'
import { NotAsDescribed } from './errors/not-as-described.ts'
import { pick, place } from './pointer.ts'
import type { CursorPart, From, Into, UpdateShape } from './description/schema.ts'
import type { Empty } from './description/polling-schema.ts'
import type { Address } from './address.ts'
import { expand, field, percentEncoded, type Scope } from './description/template.ts'

/** A complete response. */
export interface FullResponse {
  readonly status: number
  readonly headers: HeaderList
  readonly body: string
}

/** The cursor of one client, part by part; undefined where a part has no value (yet). */
export type Cursor = readonly (string | undefined)[]

/** The parts of an endpoint's cursor; none if it has no cursor. */
export function cursorParts(endpoint: {
  readonly cursor?: CursorPart | CursorPart[] | undefined
}): readonly CursorPart[] {
  return endpoint.cursor === undefined ? [] : [endpoint.cursor].flat()
}

/** The cursor of a first request. @throws HookFailed if a template cannot be filled in. */
export const firstOf = (parts: readonly CursorPart[], scope: Scope): Cursor =>
  parts.map(({ first }) => (first === undefined ? undefined : expand(first, scope)))

/** Each part of the cursor in a response; undefined for a part that the response does not have. */
export function readCursor(parts: readonly CursorPart[], response: FullResponse): Cursor {
  return parts.map(({ from }) => readFrom(from, response))
}

/** The value at a place of a response, as text; undefined if it is absent. Of several (`*`) the last. */
export function readFrom(from: From, response: FullResponse): string | undefined {
  if ('header' in from) return response.headers.get(from.header)
  if ('cookie' in from) return cookiesOf(response.headers).findLast(([name]) => name === from.cookie)?.[1]
  if ('match' in from) return matched(new RegExp(from.match, 'm'), response.body)
  const value = pick(parsedJson(response.body), from.json).at(-1)
  return value === undefined || value === null ? undefined : textOf(value)
}

function matched(pattern: RegExp, body: string): string | undefined {
  const match = pattern.exec(body)
  return match?.[1] ?? match?.[0]
}

/** Name and value of each Set-Cookie field (RFC 6265 section 5.2), in order. */
export function cookiesOf(headers: HeaderList): (readonly [name: string, value: string])[] {
  return headers.all('set-cookie').flatMap((line) => {
    const [pair = ''] = line.split(';', 1)
    const equals = pair.indexOf('=')
    return equals < 1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()] as const]
  })
}

/** The JSON value of a text; undefined if it is not JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A string as it is, any other JSON value as compact JSON text. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/**
 * The address with the cursor in it. A part without a value sends nothing.
 * @throws HookFailed if a value cannot stand where it is to be sent.
 */
export function sendCursor(address: Address, parts: readonly CursorPart[], values: Cursor): Address {
  return parts.reduce((request, part, index) => {
    const value = values[index]
    return value === undefined ? request : putInto(request, part.send, value)
  }, address)
}

/**
 * The address with one value in it; it replaces one that is there. In a JSON body it is written as a number
 * where the body already has one.
 * @throws HookFailed if it cannot stand there.
 */
export function putInto(address: Address, into: Into, value: string): Address {
  if ('header' in into) return withField(address, into.header, value)
  if ('query' in into) return withQuery(address, into.query, value)
  if ('form' in into) {
    const form = { ...address, body: withPair(address.body ?? '', into.form, value) }
    return withType(form, 'application/x-www-form-urlencoded')
  }
  return withType(
    { ...address, body: withMember(address.body ?? '{}', into.json, value) },
    'application/json',
  )
}

function withField(address: Address, name: string, value: string): Address {
  const others = address.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase())
  return { ...address, headers: [...others, field(name, value)] }
}

function withType(address: Address, type: string): Address {
  const has = address.headers.some(([name]) => name.toLowerCase() === 'content-type')
  return has ? address : withField(address, 'content-type', type)
}

function withQuery(address: Address, name: string, value: string): Address {
  const url = new URL(address.url)
  url.search = withPair(url.search.slice(1), name, value)
  return { ...address, url }
}

/** Changes one pair of a query or form and leaves the spelling of the others alone. */
function withPair(pairs: string, name: string, value: string): string {
  const pair = `${percentEncoded(name)}=${percentEncoded(value)}`
  const all = pairs === '' ? [] : pairs.split('&')
  const at = all.findIndex((one) => nameOf(one) === name)
  if (at < 0) return [...all, pair].join('&')
  return all.flatMap((one, index) => (index === at ? [pair] : nameOf(one) === name ? [] : [one])).join('&')
}

const nameOf = (pair: string): string | undefined => [...new URLSearchParams(pair).keys()][0]

function withMember(body: string, pointer: string, value: string): string {
  const before = parsedJson(body)
  if (before === undefined) throw new HookFailed(`the body of the request is not JSON: ${beginning(body)}`)
  const isNumber = typeof pick(before, pointer)[0] === 'number' && String(Number(value)) === value
  return JSON.stringify(place(before, pointer, isNumber ? Number(value) : value))
}

/**
 * The updates in a body, an event or a message, as text.
 * @throws NotAsDescribed if it is not JSON although the description points into JSON, or not percent-encoded.
 */
export function updatesOf(shape: UpdateShape | undefined, body: string): string[] {
  const { prefix = '', percent, json } = shape ?? {}
  return carrying(shape, body)
    .map((packet) => packet.slice(prefix.length))
    .map((packet) => (percent ? percentDecoded(packet) : packet))
    .flatMap((packet) => (json === undefined ? [packet] : pickUpdates(packet, json)))
}

/** The packets of a body that hold updates. */
const carrying = ({ split, prefix = '' }: UpdateShape = {}, body: string): string[] =>
  packetsOf(body, split).filter((packet) => packet.startsWith(prefix))

/** Whether a body, an event or a message has packets that hold updates; other packets belong to the protocol around the updates. */
export const carriesUpdates = (shape: UpdateShape | undefined, body: string): boolean =>
  carrying(shape, body).length > 0

function percentDecoded(packet: string): string {
  try {
    return decodeURIComponent(packet)
  } catch {
    throw new NotAsDescribed(`wanted percent-encoded text, got ${beginning(packet)}`)
  }
}

/** The packets of one body. A separator may also stand at the end. */
export function packetsOf(body: string, split: string | undefined): string[] {
  if (split === undefined || split === '') return [body]
  const packets = body.split(split)
  return packets.at(-1) === '' ? packets.slice(0, -1) : packets
}

function pickUpdates(packet: string, pointer: string): string[] {
  const value = parsedJson(packet)
  if (value === undefined)
    throw new NotAsDescribed(`wanted JSON with updates at "${pointer}", got ${beginning(packet)}`)
  return pick(value, pointer).map(textOf)
}

/** Whether this status by itself means that there is nothing new (RFC 9110 sections 15.3.5 and 15.4.5). */
const saysNothingNew = (status: number): boolean => status === 204 || status === 304

const isSuccess = (status: number): boolean => status >= 200 && status <= 299

/**
 * Whether a response has no updates: it has the described status and body and, if it is a success with content, no
 * updates in it. Without a description, 204, 304 and any success without updates count.
 * @throws NotAsDescribed like `updatesOf`.
 */
export function isEmpty(
  empty: Empty | undefined,
  response: FullResponse,
  shape: UpdateShape | undefined,
): boolean {
  if (empty?.body !== undefined && response.body !== empty.body) return false
  if (!statusFits(empty?.status, response.status)) return false
  if (empty?.body !== undefined || saysNothingNew(response.status)) return true
  if (!isSuccess(response.status)) return empty?.status !== undefined
  return response.body === '' || (shape !== undefined && updatesOf(shape, response.body).length === 0)
}

const statusFits = (wanted: number | number[] | undefined, status: number): boolean =>
  wanted === undefined ? isSuccess(status) || saysNothingNew(status) : [wanted].flat().includes(status)
