import { type Static, Type } from '@sinclair/typebox'
import { milliseconds } from '../../documents/duration.ts'
import { endingOf } from '../../targets/description/schema.ts'
import type { Treatment } from '../../targets/description/polling-schema.ts'
import type { Exchange } from '../../wire/exchange.ts'
import { describeResponse, describeStatus, statusMeets } from '../language/expectations.ts'
import { arrivals, untilCounted, untilHeld } from './hold-detection.ts'
import type { Play } from '../stage/play.ts'
import { timerToleranceMs } from '../stage/bounds.ts'
import { Poller, pollerNames, pollerOf, settled, wasClosedMeanwhile } from './poller.ts'
import { describeUpdates, isOutcome, readAnswer, shapeMismatch } from './poll.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, metAndFinished, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const heldVerb = verb({
  name: 'held',
  about:
    'Nothing at all arrives for a request. It is watched until the target itself counts it among those that wait, or until ordinary requests sent later have long been answered; and no shorter than `for`.',
  expects: true,
  schema: Type.Object(
    {
      request: Type.Optional(ActorName),
      for: Type.Optional(DurationText),
      closed: Type.Optional(
        Type.Literal('pass', {
          description:
            'What it comes to if the target has closed the connection that the request was to use again (default: a failure)',
        }),
      ),
    },
    closed,
  ),
  run: async (args, play) => {
    const names = pollerNames(play, args.request ?? 'poller')
    const isClosed = (): boolean =>
      args.closed === 'pass' && names.every((name) => wasClosedMeanwhile(pollerOf(play, name)))
    const watching = play.bounds.after(args.for === undefined ? 0 : play.bounds.milliseconds(args.for))
    const outcomes = Promise.all(names.map((name) => watched(play, name, watching)))
    await untilHeld(play, names[0] ?? 'poller', waitingPolls(play).length, () =>
      names.some((name) => hasAnswer(play, pollerOf(play, name))),
    )
    const early = (await outcomes).find(({ kind }) => kind !== 'met')
    if (isClosed()) return metAndFinished
    if (early !== undefined) return early
    await arrivals()
    return names.map((name) => silence(play, pollerOf(play, name))).find(({ kind }) => kind !== 'met') ?? met
  },
  draw: ({ request = 'poller', for: time }) => [
    { actor: request, towards: 'none', text: time === undefined ? 'held' : `held for at least ${time}` },
  ],
})

/** Watches one poll until `signal` aborts; what other cases have published does not count. */
async function watched(play: Play, name: string, signal: AbortSignal): Promise<Outcome> {
  for (;;) {
    const one = pollerOf(play, name)
    if (!(await one.exchange.until(() => hasAnswer(play, one), signal))) return met
    const now = await settled(play, name, signal, 'calls too')
    if (now.exchange === one.exchange) return silence(play, now)
  }
}

/** Whether something has come that should not come while a request is held. */
function hasAnswer(play: Play, { exchange, poll }: Poller): boolean {
  const described = poll.technique === 'long-polling' ? play.target.description['long-polling'] : undefined
  if (exchange.completion !== undefined) return true
  // Without its end it says nothing yet.
  if (described?.earlyHeaders) return false
  if (described?.heartbeat) return Buffer.from(exchange.content).toString().trim() !== ''
  return exchange.firstByteAt !== undefined
}

function silence(play: Play, one: Poller): Outcome {
  const { exchange } = one
  // What belongs to no answer stands before this one, where a client reads its status line.
  const { stray } = exchange.connection
  if (stray !== undefined) return unmet('nothing after the answer before', stray)
  if (!hasAnswer(play, one)) return met
  const timedOut = timeOutOf(play, one)
  if (timedOut !== undefined) return unable(timedOut, { retryMayHelp: one.poll.holdMs !== undefined })
  const at = Math.round((exchange.firstByteAt ?? exchange.completion?.at ?? 0) - exchange.sentAt)
  const what =
    exchange.head === undefined && exchange.completion === undefined
      ? 'the beginning of an answer'
      : describeResponse(exchange.head, exchange.completion)
  return unmet('no answer while nothing is new', `${what} after ${at} ms`)
}

/** Why the answer may be that of a time-out, if it came no sooner than one may come. */
function timeOutOf(play: Play, { exchange, poll }: Poller): string | undefined {
  const { completion, sentAt } = exchange
  if (completion?.kind !== 'complete') return undefined
  const lasted = completion.at - sentAt
  if (poll.holdMs !== undefined)
    return lasted < poll.holdMs - timerToleranceMs
      ? undefined
      : 'the hold timed out, as declared, before this could be judged'
  const isTold = play.target.description['long-polling']?.timeout === 'never'
  return isTold || lasted < play.bounds.usualMs
    ? undefined
    : `the hold ended after ${Math.round(lasted)} ms, before this could be judged: the description does not say whether that is its time-out`
}

/** The polls of this case that are not answered yet. */
const waitingPolls = (play: Play): readonly Exchange[] =>
  play.actors
    .all(Poller)
    .map(({ exchange }) => exchange)
    .filter(({ completion, connection }) => completion === undefined && connection.wire.isOpen)

const timedOutVerb = verb({
  name: 'timed-out',
  about: 'The hold ends without an update: status, body and time are as the target description says.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async (args, play) => {
    const outcomes = await Promise.all(
      pollerNames(play, args.request ?? 'poller').map((name) => judgeTimeOut(play, name, args.within)),
    )
    return outcomes.find(({ kind }) => kind !== 'met') ?? met
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'time-out answer' }],
})

async function judgeTimeOut(play: Play, name: string, within: string | undefined): Promise<Outcome> {
  const timeout = endingOf(play.target.description)
  const jitter = timeout?.jitter === undefined ? 0 : milliseconds(timeout.jitter)
  const hold = pollerOf(play, name).poll.holdMs ?? 0
  const signal = play.bounds.after(hold + jitter + play.bounds.milliseconds(within))
  const wanted = `the hold to time out after ${hold} ms`
  const answer = await readTimeOut(play, name, signal, wanted)
  if ('kind' in answer) return answer
  const { exchange } = answer
  const lasted = (exchange.completion?.at ?? 0) - exchange.sentAt
  if (lasted < hold - timerToleranceMs)
    return unmet(
      `the request to be held for ${hold} ms`,
      `${describeResponse(exchange.head, exchange.completion)} after ${Math.round(lasted)} ms`,
    )
  const mismatch = shapeMismatch(timeout, exchange, 'a time-out answer')
  if (mismatch !== undefined) return mismatch
  const read = await readAnswer(play, name, signal, 'a time-out answer', 'foreign')
  if (isOutcome(read)) return timeout?.status === undefined ? read : met
  return read.updates.length === 0
    ? met
    : unmet('a time-out answer without updates', describeUpdates(read.updates, exchange))
}

async function readTimeOut(
  play: Play,
  name: string,
  signal: AbortSignal,
  wanted: string,
): Promise<{ exchange: Exchange } | Outcome> {
  const { exchange } = await settled(play, name, signal, 'foreign')
  if (exchange.completion === undefined) return unmet(wanted, 'no complete answer', { late: true })
  if (exchange.completion.kind === 'complete') return { exchange }
  return unmet('a complete answer at the time-out', describeResponse(exchange.head, exchange.completion))
}

const waitersVerb = verb({
  name: 'waiters',
  about: 'The target says that so many requests wait on the channel of the case.',
  expects: true,
  schema: Type.Object({ count: Type.Integer({ minimum: 0 }), within: Type.Optional(DurationText) }, closed),
  run: async ({ count, within }, play) => {
    const { reached, last } = await untilCounted(play, (now) => now === count, play.bounds.within(within))
    if (reached) return met
    if (last === undefined) return unable('the target does not say who waits')
    return unmet(`${count} requests that wait, as the target counts`, String(last), { late: true })
  },
  draw: ({ count }) => [{ actor: 'kit', towards: 'none', text: `${count} wait` }],
})

const treatments = ['malformed', 'future', 'initial', 'second'] as const
const treatedSchema = Type.Object(
  {
    request: Type.Optional(ActorName),
    as: Type.Union(treatments.map((name) => Type.Literal(name))),
    within: Type.Optional(DurationText),
  },
  closed,
)

const treatedVerb = verb({
  name: 'treated',
  about:
    'A poll for which servers differ is dealt with as the target description says: held, answered with updates, or refused with a status. `malformed` and `future` are cursors, `initial` is a poll without one, `second` another poll of the same session.',
  expects: true,
  schema: treatedSchema,
  run: async ({ request = 'poller', as, within }, play) => {
    const declared = declaredTreatment(play, as)
    if (declared === undefined) return unable(`the target description does not say what a ${as} poll gets`)
    if (declared === 'held') return heldVerb.run({ request, for: '200ms' }, play)
    if (declared === 'answered') return answeredAtOnce(play, request, within)
    const { exchange } = pollerOf(play, request)
    const wanted = `${describeStatus(declared)} at once, as declared`
    if (!(await exchange.completed(play.bounds.within(within))))
      return unmet(wanted, 'no answer in time', { late: true })
    return exchange.head !== undefined && statusMeets(declared, exchange.head.status)
      ? met
      : unmet(wanted, describeResponse(exchange.head, exchange.completion))
  },
  draw: ({ request = 'poller', as }) => [
    { actor: request, towards: 'kit', text: `treated as declared: ${as}` },
  ],
})

async function answeredAtOnce(play: Play, name: string, within: string | undefined): Promise<Outcome> {
  const wanted = 'an answer with updates at once, as declared'
  const answer = await readAnswer(play, name, play.bounds.within(within), wanted)
  if (isOutcome(answer)) return answer
  return answer.updates.length > 0 ? met : unmet(wanted, describeUpdates([], answer.polled.exchange))
}

function declaredTreatment(play: Play, as: Static<typeof treatedSchema>['as']): Treatment | undefined {
  const described = play.target.description['long-polling']
  if (as === 'initial') return described?.initial === 'oldest' ? 'answered' : 'held'
  if (as === 'second') return described?.second
  return described?.unusable?.[as]?.then
}

export const holdingVerbs = [heldVerb, timedOutVerb, waitersVerb, treatedVerb]
