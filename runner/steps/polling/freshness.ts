import { Type } from '@sinclair/typebox'
import type { HeaderList } from '../../wire/headers.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { pollerOf } from './poller.ts'

/** The statuses that caches may store without being allowed to explicitly (RFC 9110 section 15.1). */
const heuristicallyCacheable: ReadonlySet<number> = new Set([
  200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501,
])

/** The directives of Cache-Control, in small letters. */
const directivesOf = (headers: HeaderList): string[] =>
  headers.list('cache-control').map((directive) => directive.toLowerCase())

const allowsCaching = (directive: string): boolean => /^(public|max-age=|s-maxage=)/.test(directive)

/** Whether the response is stale from the start: Expires is not later than Date, or no date at all (RFC 9111 section 5.3). */
function isExpired(headers: HeaderList): boolean {
  const [expires, date] = [headers.get('expires'), headers.get('date')]
  if (expires === undefined) return false
  const end = Date.parse(expires)
  return Number.isNaN(end) || /^-?\d+$/.test(expires) || end <= Date.parse(date ?? new Date().toUTCString())
}

/** RFC 9111 section 4.2.1: max-age takes precedence over Expires. */
function mayBeReused(status: number, headers: HeaderList): boolean {
  const directives = directivesOf(headers)
  if (directives.some((one) => /^(no-store|no-cache(=.*)?|max-age=0)$/.test(one))) return false
  const hasMaxAge = directives.some((one) => /^(?:s-maxage|max-age)=/.test(one))
  if (isExpired(headers) && !hasMaxAge) return false
  return heuristicallyCacheable.has(status) || directives.some(allowsCaching) || headers.has('expires')
}

const describeFreshness = (headers: HeaderList): string =>
  ['Cache-Control', 'Expires']
    .filter((name) => headers.has(name))
    .map((name) => `${name}: ${headers.get(name)}`)
    .join(', ') || 'neither Cache-Control nor Expires'

const schema = Type.Object({ request: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed)

const uncachedVerb = verb({
  name: 'uncached',
  about:
    'No cache may reuse the response for another client or for the next poll: Cache-Control has no-store, no-cache or max-age=0, or Expires is not in the future. Responses to POST do not need this, nor do responses with a status that caches store only if explicitly allowed to.',
  expects: true,
  schema,
  run: async ({ request = 'poller', within }, play) => {
    const { exchange, poll } = pollerOf(play, request)
    if (!(await exchange.headed(play.bounds.within(within))) || exchange.head === undefined)
      return unmet('a response that no cache reuses', 'no response in time', { late: true })
    const method =
      poll.overrides.method ?? play.target.address(poll.technique, play.identity.scope(poll.session)).method
    const { status, headers } = exchange.head
    if (!/^(GET|HEAD)$/.test(method) || !mayBeReused(status, headers)) return met
    return unmet('Cache-Control with no-store, no-cache or max-age=0', describeFreshness(headers))
  },
  draw: ({ request = 'poller' }) => [
    { actor: request, towards: 'kit', text: 'a response that no cache reuses' },
  ],
})

const statesFreshnessVerb = verb({
  name: 'states-freshness',
  about:
    'The response states how long it may be used: with no-store, no-cache, max-age or s-maxage in Cache-Control, or with Expires.',
  expects: true,
  schema,
  run: async ({ request = 'poller', within }, play) => {
    const { exchange } = pollerOf(play, request)
    if (!(await exchange.headed(play.bounds.within(within))) || exchange.head === undefined)
      return unmet('a response that states how long it may be used', 'no response in time', { late: true })
    const { headers } = exchange.head
    const isStated = directivesOf(headers).some((one) =>
      /^(no-store|no-cache|(?:s-maxage|max-age)=\d)/.test(one),
    )
    return isStated || headers.has('expires')
      ? met
      : unmet('Cache-Control with no-cache, no-store or max-age, or Expires', describeFreshness(headers))
  },
  draw: ({ request = 'poller' }) => [
    { actor: request, towards: 'kit', text: 'a response that states its freshness' },
  ],
})

export const freshnessVerbs = [uncachedVerb, statesFreshnessVerb]
