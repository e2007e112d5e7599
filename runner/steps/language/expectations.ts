import { type Static, Type } from '@sinclair/typebox'
import type { HeaderList } from '../../wire/headers.ts'
import type { Completion, ResponseHead } from '../../wire/exchange.ts'
import { closed, oneOrMore } from './arguments.ts'
import { type Outcome, unable } from './outcome.ts'

/** What a case can expect of a text. */
export const TextExpectation = Type.Union([
  Type.String(),
  Type.Object(
    {
      matches: Type.String({ description: 'A regular expression' }),
      'any-case': Type.Optional(
        Type.Boolean({ description: 'Ignore the difference between capital and small letters' }),
      ),
    },
    closed,
  ),
  Type.Object(
    {
      lines: Type.Array(Type.String(), { description: 'These lines, separated by CRLF, CR or LF' }),
    },
    closed,
  ),
  Type.Object({ contains: Type.String() }, closed),
  Type.Object({ not: Type.String({ description: 'Anything but this text' }) }, closed),
])
export type TextExpectation = Static<typeof TextExpectation>

/** What a case can expect of a header field. */
export const FieldExpectation = Type.Union([
  TextExpectation,
  Type.Object({ present: Type.Boolean() }, closed),
  Type.Object(
    {
      lists: oneOrMore(Type.String({ description: 'A required member of the list; letter case is ignored' })),
    },
    closed,
  ),
  Type.Object(
    { lacks: Type.String({ description: 'A forbidden member of the list; letter case is ignored' }) },
    closed,
  ),
  Type.Object(
    {
      only: oneOrMore(
        Type.String({
          description: 'A permitted member of the list; letter case is ignored. The field may be missing',
        }),
      ),
    },
    closed,
  ),
])
export type FieldExpectation = Static<typeof FieldExpectation>

export const StatusExpectation = oneOrMore(
  Type.Union([
    Type.Integer({ minimum: 100, maximum: 599 }),
    Type.String({ pattern: '^[1-5]xx$', description: 'A class of status codes: 2xx, 4xx' }),
  ]),
)

/** A 429 response says nothing about the request itself, only that there were too many requests (RFC 6585 section 4). */
export const unableIfRateLimited = (head: ResponseHead | undefined): Outcome | undefined =>
  head?.status === 429
    ? unable('429: the server limits the rate of requests; --concurrency 4 sends fewer requests at a time', {
        retryMayHelp: true,
      })
    : undefined

const quoted = (text: string): string =>
  text.length > 200 ? `${JSON.stringify(text.slice(0, 200))}…` : JSON.stringify(text)

export const describeText = (wanted: TextExpectation): string => {
  if (typeof wanted === 'string') return quoted(wanted)
  if ('matches' in wanted) return `text matching /${wanted.matches}/`
  if ('lines' in wanted) return `text with the lines ${wanted.lines.map(quoted).join(', ')}`
  if ('contains' in wanted) return `text containing ${quoted(wanted.contains)}`
  return `anything but ${quoted(wanted.not)}`
}

export const textMeets = (wanted: TextExpectation, text: string): boolean => {
  if (typeof wanted === 'string') return text === wanted
  if ('matches' in wanted)
    return new RegExp(wanted.matches, wanted['any-case'] === true ? 'sui' : 'su').test(text)
  if ('lines' in wanted) return text.split(/\r\n|\r|\n/).join('\n') === wanted.lines.join('\n')
  if ('contains' in wanted) return text.includes(wanted.contains)
  return text !== wanted.not
}

export const statusMeets = (
  wanted: number | string | readonly (number | string)[],
  status: number,
): boolean =>
  (Array.isArray(wanted) ? wanted : [wanted]).some((one) =>
    typeof one === 'number' ? one === status : String(status).startsWith(one.slice(0, 1)),
  )

export const describeStatus = (wanted: number | string | readonly (number | string)[]): string =>
  `status ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format([wanted].flat().map(String))}`

/** One difference between what a case expects and what was observed. */
export interface Mismatch {
  readonly expected: string
  readonly observed: string
}

export function fieldMismatch(
  name: string,
  wanted: FieldExpectation,
  headers: HeaderList,
): Mismatch | undefined {
  const value = headers.get(name)
  const observed = value === undefined ? `no ${name} field` : `${name}: ${value}`
  if (typeof wanted === 'object' && 'present' in wanted) {
    if ((value !== undefined) === wanted.present) return undefined
    return { expected: wanted.present ? `a ${name} field` : `no ${name} field`, observed }
  }
  if (typeof wanted === 'object' && 'lists' in wanted) {
    const members = headers.list(name).map((member) => member.toLowerCase())
    const missing = [wanted.lists].flat().filter((member) => !members.includes(member.toLowerCase()))
    return missing.length === 0 ? undefined : { expected: `${name} with ${missing.join(', ')}`, observed }
  }
  if (typeof wanted === 'object' && 'lacks' in wanted) {
    const isListed = headers.list(name).some((member) => member.toLowerCase() === wanted.lacks.toLowerCase())
    return isListed ? { expected: `${name} without ${wanted.lacks}`, observed } : undefined
  }
  if (typeof wanted === 'object' && 'only' in wanted) {
    const permitted = new Set([wanted.only].flat().map((member) => member.toLowerCase()))
    const other = headers.list(name).find((member) => !permitted.has(member.toLowerCase()))
    return other === undefined ? undefined : { expected: `${name} without ${other}`, observed }
  }
  if (value !== undefined && textMeets(wanted, value)) return undefined
  return { expected: `${name}: ${describeText(wanted)}`, observed }
}

/** Describes what has arrived of a response so far: its status, why it broke off, or `no response`. */
export function describeResponse(head: ResponseHead | undefined, completion: Completion | undefined): string {
  if (head !== undefined) return `${head.status}${head.reason === '' ? '' : ` ${head.reason}`}`
  return completion?.kind === 'broken' ? completion.what : 'no response'
}
