import { isMapping } from '../../documents/type-guards.ts'
import type { HeaderList } from '../../wire/headers.ts'
import { sendOwnRequest } from '../request.ts'
import { foreignOrigin, letsAnyoneRead, surveyScope } from './request-values.ts'
import type { Survey } from './result.ts'
import type { Target } from '../target.ts'
import type { Address } from '../address.ts'

/** Common names of cursors in header fields and in JSON. */
const cursorHeaders = [
  'next-cursor',
  'x-consul-index',
  'stream-next-offset',
  'x-next',
  'x-cursor',
  'x-last-index',
]
const cursorMembers = [
  'next',
  'cursor',
  'nextCursor',
  'next_cursor',
  'next_batch',
  'last_seq',
  'last_id',
  'lastId',
  'offset',
]

/** Surveys a resource that responds at once: one request, and another for each validator of the response. */
export async function surveyPolling(target: Target, path: string, signal: AbortSignal): Promise<Survey> {
  const address = target.address('polling', surveyScope)
  const fields = [...address.headers, ['accept-encoding', 'gzip'] as const, foreignOrigin]
  const { headers, body } = await sendOwnRequest(target, { ...address, headers: fields }, signal)
  const validators = await revalidates(target, address, ['if-none-match', headers.get('etag')], signal)
  const dates = await revalidates(
    target,
    address,
    ['if-modified-since', headers.get('last-modified')],
    signal,
  )
  const codings = headers.get('content-encoding') === 'gzip'
  const from = cursorIn(headers, body)
  return {
    description: {
      polling: {
        path,
        ...(validators ? { validators } : {}),
        ...(dates ? { dates } : {}),
        ...(validators || dates ? { empty: { status: 304 } } : {}),
        ...(codings ? { codings: ['gzip'] } : {}),
        ...(from === undefined ? {} : { cursor: { from, send: { query: 'since' } } }),
        delivers: from === undefined ? 'last' : 'many',
      },
      ...(letsAnyoneRead(headers) ? { cors: { origin: 'https://app.example' } } : {}),
    },
    seen: [
      target.took,
      conditionalNote(validators, dates),
      codings ? 'it compresses with gzip' : 'it did not compress with gzip',
      from === undefined
        ? 'no cursor was found, so this is assumed to be a document with the last state'
        : 'the cursor is a guess: check where responses contain it, and how requests send it',
    ],
  }
}

function conditionalNote(validators: boolean, dates: boolean): string {
  const with304 = [...(validators ? ['the entity tag'] : []), ...(dates ? ['the date'] : [])]
  return with304.length === 0
    ? 'no conditional request got a 304'
    : `a conditional request with ${with304.join(', and one with ')} got a 304`
}

async function revalidates(
  target: Target,
  address: Address,
  [name, validator]: readonly [string, string | undefined],
  signal: AbortSignal,
): Promise<boolean> {
  if (validator === undefined) return false
  const conditional = { ...address, headers: [...address.headers, [name, validator] as const] }
  return (await sendOwnRequest(target, conditional, signal)).status === 304
}

/** Where the response appears to contain a cursor; undefined if nowhere. */
export function cursorIn(
  headers: HeaderList,
  body: string,
): { header: string } | { json: string } | undefined {
  const header = cursorHeaders.find((name) => headers.has(name))
  if (header !== undefined) return { header }
  const members = membersOf(body)
  const member = cursorMembers.find((name) => members.includes(name))
  return member === undefined ? undefined : { json: `/${member}` }
}

function membersOf(body: string): string[] {
  try {
    const value: unknown = JSON.parse(body)
    return isMapping(value) ? Object.keys(value) : []
  } catch {
    return []
  }
}
