import { Type } from '@sinclair/typebox'
import type { HeaderList } from '../../wire/headers.ts'
import { allowedOrigin, originMismatch, unknownOrigin } from '../language/origins.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { subscriptionOf } from './subscriber.ts'
import { verb } from '../language/verb.ts'

/** The header section of a response, or the outcome if none arrives in time. */
async function headOf(play: Play, name: string, wanted: string, within?: string) {
  const exchange = play.actors.exchange(name)
  await exchange.headed(play.bounds.within(within))
  const { head } = exchange
  return {
    head,
    missing: head === undefined ? unmet(wanted, 'no response in time', { late: true }) : undefined,
  }
}

const openEndedVerb = verb({
  name: 'open-ended',
  about:
    'The response states no length: it is chunked, or it announces `Connection: close` and ends with the connection.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async ({ to = 'subscriber', within }, play) => {
    const wanted = 'Transfer-Encoding: chunked, or Connection: close'
    const { head, missing } = await headOf(play, to, wanted, within)
    if (head === undefined) return missing ?? met
    const lists = (field: string, member: string): boolean =>
      head.headers.list(field).some((one) => one.toLowerCase() === member)
    // Without `keep-alive` a response of HTTP/1.0 ends its connection (RFC 9112 section 9.3).
    const ends = head.version === 'HTTP/1.0' && !lists('connection', 'keep-alive')
    return lists('transfer-encoding', 'chunked') || lists('connection', 'close') || ends
      ? met
      : unmet(wanted, framingOf(head.headers))
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'a response of unknown length' }],
})

const framingOf = (headers: HeaderList): string => {
  const present = ['transfer-encoding', 'content-length', 'connection'].filter((name) => headers.has(name))
  if (present.length === 0) return 'neither field'
  return present.map((name) => `${name}: ${headers.get(name)}`).join(', ')
}

const sharedVerb = verb({
  name: 'shared',
  about:
    'With `readable`, pages of the origin in the request may read the response. With `cacheable`, a response that allows one origin, and that caches may store, has `Vary: Origin`. With `cautious`, the response does not allow credentials to an unknown origin.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      how: Type.Union([Type.Literal('readable'), Type.Literal('cacheable'), Type.Literal('cautious')]),
      other: Type.Optional(
        Type.String({
          description:
            'With `cacheable`: a request of another origin. If its response allows the same origin, the permission does not depend on the origin',
        }),
      ),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ to = 'request', how, other, within }, play) => {
    const { head, missing } = await headOf(play, to, 'a response', within)
    if (head === undefined) return missing ?? met
    if (other === undefined) return sharing(how, allowedOrigin(play, 'sse'), head.headers)
    const second = await headOf(play, other, 'a response', within)
    if (second.head === undefined) return unable('two responses are needed for a comparison')
    const [one, another] = [head, second.head].map(({ headers }) =>
      headers.get('access-control-allow-origin'),
    )
    return one === another ? met : sharing(how, allowedOrigin(play, 'sse'), head.headers)
  },
  draw: ({ to = 'request', how }) => [{ actor: to, towards: 'kit', text: `${how} across origins` }],
})

function sharing(how: 'readable' | 'cacheable' | 'cautious', origin: string, headers: HeaderList): Outcome {
  if (how === 'readable') return originMismatch(headers, origin) ?? met
  const allowed = headers.get('access-control-allow-origin')
  const observed = `Access-Control-Allow-Origin: ${allowed ?? '(none)'}`
  if (how === 'cacheable') {
    const varies = headers.list('vary').some((name) => name === '*' || name.toLowerCase() === 'origin')
    const isStored = !headers.list('cache-control').some((name) => name.toLowerCase() === 'no-store')
    return allowed === undefined || allowed === '*' || varies || !isStored
      ? met
      : unmet(
          'Vary: Origin next to the allowed origin',
          `${observed}, Vary: ${headers.get('vary') ?? '(none)'}`,
        )
  }
  const allowsCredentials = headers.get('access-control-allow-credentials') === 'true'
  return allowsCredentials && (allowed === unknownOrigin || allowed === '*')
    ? unmet(
        `no credentials for the unknown origin ${unknownOrigin}`,
        `${observed}, Access-Control-Allow-Credentials: true`,
      )
    : met
}

/** Content that arrives at most this long after the header section was sent together with it, in milliseconds. */
const togetherMs = 5
/** A header section that waits for content takes at least this long on an idle stream, in milliseconds. */
const leastWaitMs = 200
/** And at least this many times as long as on a stream with an event. */
const waitFactor = 3

interface Opening {
  /** From the request to the header section, in milliseconds. */
  readonly waited: number
  readonly isWithContent: boolean
}

/** How the stream of a subscriber began; undefined without a header section. */
function openingOf(play: Play, name: string): Opening | undefined {
  const { exchange, firstContentAt = Infinity } = subscriptionOf(play, name)
  if (exchange.head === undefined) return undefined
  const { at } = exchange.head
  return { waited: at - exchange.sentAt, isWithContent: firstContentAt - at <= togetherMs }
}

const headUnheldVerb = verb({
  name: 'head-unheld',
  about:
    'The header section of a stream does not wait for the first content. It is held back if on idle streams it arrives late and together with content, but at once with an event on a stream that gets one.',
  expects: true,
  schema: Type.Object(
    {
      idle: Type.Array(ActorName, { minItems: 1, description: 'Subscribers of streams without an event' }),
      woken: Type.Union([ActorName], {
        description: 'A subscriber whose stream got an event right after its request',
      }),
    },
    closed,
  ),
  run: async ({ idle, woken }, play) => {
    await subscriptionOf(play, woken).exchange.headed(play.bounds.within())
    const openings = idle.map((name) => openingOf(play, name))
    const prompt = openingOf(play, woken)
    const fastest = Math.min(...openings.map((one) => one?.waited ?? Infinity))
    if (prompt === undefined || openings.includes(undefined))
      return unable('a stream has no header section, so it cannot be told what it waits for')
    const isHeld =
      [...openings, prompt].every((one) => one?.isWithContent === true) &&
      fastest - prompt.waited >= leastWaitMs &&
      fastest >= prompt.waited * waitFactor
    if (!isHeld) return met
    const observed = `one after ${Math.round(fastest)} ms, together with the first content; with an event it came after ${Math.round(prompt.waited)} ms`
    return unmet('a header section before any content', observed, { late: true })
  },
  draw: ({ idle }) => idle.map((actor) => ({ actor, towards: 'kit' as const, text: 'header section' })),
})

export const streamResponseVerbs = [openEndedVerb, sharedVerb, headUnheldVerb]
