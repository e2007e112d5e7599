import { type Static, Type } from '@sinclair/typebox'
import { describeText, TextExpectation, textMeets } from '../language/expectations.ts'
import { untilHeld } from './hold-detection.ts'
import type { Play } from '../stage/play.ts'
import { endpointOf, keptConnection, pollAgain, type Poller, pollerOf } from './poller.ts'
import { describeUpdates, isOutcome, readAnswer } from './poll.ts'
import { unableUnlessConnected } from '../language/request.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const deliversSchema = Type.Object(
  {
    request: Type.Optional(ActorName),
    updates: Type.Array(TextExpectation, { minItems: 1 }),
    within: Type.Optional(DurationText),
    connection: Type.Optional(
      Type.Union([Type.Literal('kept'), Type.Literal('new')], {
        description: 'Each poll goes over the connection of the one before (default), or over a new one',
      }),
    ),
  },
  closed,
)
type DeliversArgs = Static<typeof deliversSchema>

const deliversVerb = verb({
  name: 'delivers',
  about:
    'This poll, and as many more as it takes, bring exactly these updates: in this order, none missing, none twice; the poll after the last one is held. How many one answer may hold is as the target description says.',
  expects: true,
  schema: deliversSchema,
  run: async (args, play) => {
    let outcome: Outcome = met
    const sending = await unableUnlessConnected(async () => {
      outcome = await collect(args, play)
    })
    return sending.kind === 'met' ? outcome : sending
  },
  draw: ({ request = 'poller', updates }) => [
    { actor: request, towards: 'kit', text: updates.map(describeText).join(', ') },
  ],
})

async function collect(args: DeliversArgs, play: Play): Promise<Outcome> {
  const { request = 'poller', updates: wanted, within, connection = 'kept' } = args
  const name = pollerOf(play, request).name
  const signal = play.bounds.within(within)
  const got: string[] = []
  while (!isAll(play, wanted, got)) {
    const words = `${wanted.map(describeText).join(', ')} in this order`
    const answer = await readAnswer(play, name, signal, words)
    if (isOutcome(answer)) return describing(answer, got)
    got.push(...answer.updates)
    const wrong = wrongAnswer(play, wanted, got, answer)
    if (wrong !== undefined) return wrong
    await pollAgain(play, answer.polled, connection === 'kept' ? keptConnection(answer.polled) : undefined)
  }
  return nothingMore(play, name, wanted)
}

/** After the last update nothing comes that was there before. */
async function nothingMore(play: Play, name: string, wanted: readonly TextExpectation[]): Promise<Outcome> {
  const isAnswered = (): boolean => pollerOf(play, name).exchange.completion !== undefined
  const words = `nothing after ${describeText(wanted.at(-1) ?? '')}`
  await untilHeld(play, name, 1, isAnswered)
  if (!isAnswered()) return met
  const more = await readAnswer(play, name, play.bounds.within('500ms'), words)
  if (isOutcome(more)) return more.kind === 'unmet' && more.late ? met : more
  return more.updates.length === 0 ? met : unmet(words, describeUpdates(more.updates, more.polled.exchange))
}

/** Of a target that gives only its last state, the states in between may be skipped. */
const givesOnlyTheLast = (play: Play, { poll }: Poller): boolean =>
  endpointOf(play, poll.technique).delivers === 'last'

function isAll(play: Play, wanted: readonly TextExpectation[], got: readonly string[]): boolean {
  const last = got.at(-1)
  const skips = play.target.description['long-polling']?.delivers === 'last'
  return skips ? last !== undefined && textMeets(wanted.at(-1) ?? '', last) : got.length >= wanted.length
}

function wrongAnswer(
  play: Play,
  wanted: readonly TextExpectation[],
  got: readonly string[],
  answer: { updates: readonly string[]; polled: Poller },
): Outcome | undefined {
  if (endpointOf(play, answer.polled.poll.technique).delivers === 'one' && answer.updates.length > 1)
    return unmet('one update an answer, as declared', describeUpdates(answer.updates, answer.polled.exchange))
  const isRight = givesOnlyTheLast(play, answer.polled)
    ? isSubsequence(wanted, got)
    : got.length <= wanted.length && got.every((one, at) => textMeets(wanted[at] ?? '', one))
  return isRight
    ? undefined
    : unmet(
        `${wanted.map(describeText).join(', ')}: in this order, none missing, none twice`,
        got.map((one) => JSON.stringify(one.slice(0, 100))).join(', '),
      )
}

function isSubsequence(wanted: readonly TextExpectation[], got: readonly string[]): boolean {
  let at = 0
  return got.every((one) => {
    while (at < wanted.length && !textMeets(wanted[at] ?? '', one)) at++
    return at++ < wanted.length
  })
}

const describing = (outcome: Outcome, got: readonly string[]): Outcome =>
  outcome.kind === 'unmet' && got.length > 0
    ? { ...outcome, observed: `${outcome.observed} after ${got.length} updates` }
    : outcome

/** RFC 9110 section 15.1: the other statuses are only kept by a cache that is told to. */
const keptWithoutBeingTold: ReadonlySet<number> = new Set([
  200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501,
])
const isToldToKeep = (option: string): boolean => /^(public|max-age=|s-maxage=)/.test(option)

const uncachedVerb = verb({
  name: 'uncached',
  about:
    'No cache on the way may give the answer to somebody else, or to the next poll: Cache-Control says no-store, no-cache or max-age=0. Answers to POST, and those with a status that caches keep only when told to, need not say so.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async ({ request = 'poller', within }, play) => {
    const { exchange, poll } = pollerOf(play, request)
    if (!(await exchange.headed(play.bounds.within(within))) || exchange.head === undefined)
      return unmet('an answer that no cache keeps', 'no answer in time', { late: true })
    const method =
      poll.parts.method ?? play.target.address(poll.technique, play.identity.scope(poll.session)).method
    const options = exchange.head.headers.list('cache-control').map((one) => one.toLowerCase())
    const isSafe = options.some((option) => /^(no-store|no-cache(=.*)?|max-age=0)$/.test(option))
    const isKept = keptWithoutBeingTold.has(exchange.head.status) || options.some(isToldToKeep)
    if (isSafe || !isKept || !/^(GET|HEAD)$/.test(method)) return met
    return unmet(
      'Cache-Control with no-store, no-cache or max-age=0',
      options.join(', ') || 'no Cache-Control',
    )
  },
  draw: ({ request = 'poller' }) => [
    { actor: request, towards: 'kit', text: 'an answer that no cache keeps' },
  ],
})

export const deliveryVerbs = [deliversVerb, uncachedVerb]
