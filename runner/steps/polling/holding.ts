import { type Static, Type } from '@sinclair/typebox'
import { milliseconds } from '../../documents/duration.ts'
import { endingOf } from '../../targets/description/schema.ts'
import type { Treatment } from '../../targets/description/polling-schema.ts'
import type { Exchange } from '../../wire/exchange.ts'
import { describeResponse, describeStatus, statusMeets } from '../language/expectations.ts'
import { readArrivedBytes, waitForWaiterCount, waitUntilHeld } from './hold-detection.ts'
import type { Play } from '../stage/play.ts'
import { timerToleranceMs } from '../stage/bounds.ts'
import { awaitResponse, Poller, pollerNames, pollerOf } from './poller.ts'
import { describeUpdates, isOutcome, readResponse, shapeMismatch } from './poll-response.ts'
import { possibleTimeOut } from './time-out.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, metAndFinished, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const heldVerb = verb({
  name: 'held',
  about:
    'The request is held: nothing arrives for it, apart from the bytes that the target description declares for a hold (`earlyHeaders`, `heartbeat`). The request is watched until the target counts it as waiting, or until well after the responses to ordinary requests sent later, and at least for the time in `for`.',
  expects: true,
  schema: Type.Object(
    {
      request: Type.Optional(ActorName),
      for: Type.Optional(DurationText),
      closed: Type.Optional(
        Type.Literal('pass', {
          description:
            'The outcome if the target has closed the connection that the request should have reused (default: a failure)',
        }),
      ),
    },
    closed,
  ),
  run: async (args, play) => {
    const names = pollerNames(play, args.request ?? 'poller')
    const areConnectionsClosed = (): boolean =>
      args.closed === 'pass' && names.every((name) => wasClosedUnanswered(pollerOf(play, name)))
    const watching = play.bounds.after(args.for === undefined ? 0 : play.bounds.milliseconds(args.for))
    const outcomes = Promise.all(names.map((name) => watchHold(play, name, watching)))
    await waitUntilHeld(play, names[0] ?? 'poller', pendingPolls(play).length, () =>
      names.some((name) => isHoldBroken(play, pollerOf(play, name))),
    )
    const early = (await outcomes).find(({ kind }) => kind !== 'met')
    if (areConnectionsClosed()) return metAndFinished
    if (early !== undefined) return early
    await readArrivedBytes()
    return (
      names.map((name) => judgeHold(play, pollerOf(play, name))).find(({ kind }) => kind !== 'met') ?? met
    )
  },
  draw: ({ request = 'poller', for: time }) => [
    { actor: request, towards: 'none', text: time === undefined ? 'held' : `held for at least ${time}` },
  ],
})

/** Whether the connection was closed without a single byte that follows the response before. */
const wasClosedUnanswered = ({ exchange }: Poller): boolean =>
  exchange.completion?.kind === 'broken' &&
  exchange.firstByteAt === undefined &&
  exchange.connection.stray === undefined

/** Watches one poll until `signal` aborts; responses with only updates of other cases, or pings, do not count. */
async function watchHold(play: Play, name: string, signal: AbortSignal): Promise<Outcome> {
  for (;;) {
    const watched = pollerOf(play, name)
    if (!(await watched.exchange.until(() => isHoldBroken(play, watched), signal))) return met
    const latest = await awaitResponse(play, name, signal, 'foreign updates or pings')
    if (latest.exchange === watched.exchange) return judgeHold(play, latest)
  }
}

/** Whether bytes have arrived that must not arrive while a request is held. */
function isHoldBroken(play: Play, { exchange, poll }: Poller): boolean {
  const described = poll.technique === 'long-polling' ? play.target.description['long-polling'] : undefined
  if (exchange.completion !== undefined) return true
  // The header section may arrive early: only the end of the response counts.
  if (described?.earlyHeaders) return false
  if (described?.heartbeat) return Buffer.from(exchange.content).toString().trim() !== ''
  return exchange.firstByteAt !== undefined
}

function judgeHold(play: Play, poller: Poller): Outcome {
  const { exchange } = poller
  // Stray bytes precede this response: a client would read them as its status line.
  const { stray } = exchange.connection
  if (stray !== undefined) return unmet('no bytes after the previous response', stray)
  if (!isHoldBroken(play, poller)) return met
  const timeOut = possibleTimeOut(play, poller)
  if (timeOut !== undefined) return unable(timeOut, { retryMayHelp: poller.poll.holdMs !== undefined })
  const afterMs = Math.round((exchange.firstByteAt ?? exchange.completion?.at ?? 0) - exchange.sentAt)
  const observed =
    exchange.head === undefined && exchange.completion === undefined
      ? 'the beginning of a response'
      : describeResponse(exchange.head, exchange.completion)
  return unmet('no response while there is no update', `${observed} after ${afterMs} ms`)
}

/** The polls of this case that have no complete response yet. */
const pendingPolls = (play: Play): readonly Exchange[] =>
  play.actors
    .all(Poller)
    .map(({ exchange }) => exchange)
    .filter(({ completion, connection }) => completion === undefined && connection.wire.isOpen)

const timedOutVerb = verb({
  name: 'timed-out',
  about: 'The hold times out without an update: status, body and time are as in the target description.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async (args, play) => {
    const outcomes = await Promise.all(
      pollerNames(play, args.request ?? 'poller').map((name) => judgeTimeOut(play, name, args.within)),
    )
    return outcomes.find(({ kind }) => kind !== 'met') ?? met
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'time-out response' }],
})

async function judgeTimeOut(play: Play, name: string, within: string | undefined): Promise<Outcome> {
  const timeout = endingOf(play.target.description)
  const jitter = timeout?.jitter === undefined ? 0 : milliseconds(timeout.jitter)
  const hold = pollerOf(play, name).poll.holdMs ?? 0
  const signal = play.bounds.after(hold + jitter + play.bounds.milliseconds(within))
  const expected = `a time-out response after ${hold} ms`
  const timeOut = await readTimeOut(play, name, signal, expected)
  if ('kind' in timeOut) return timeOut
  const { exchange } = timeOut
  const lasted = (exchange.completion?.at ?? 0) - exchange.sentAt
  if (lasted < hold - timerToleranceMs)
    return unmet(
      `a request held for ${hold} ms`,
      `${describeResponse(exchange.head, exchange.completion)} after ${Math.round(lasted)} ms`,
    )
  const mismatch = shapeMismatch(timeout, exchange, 'a time-out response')
  if (mismatch !== undefined) return mismatch
  const response = await readResponse(play, name, signal, 'a time-out response', 'foreign updates')
  if (isOutcome(response)) return timeout?.status === undefined ? response : met
  return response.updates.length === 0
    ? met
    : unmet('a time-out response without updates', describeUpdates(response.updates, exchange))
}

async function readTimeOut(
  play: Play,
  name: string,
  signal: AbortSignal,
  expected: string,
): Promise<{ exchange: Exchange } | Outcome> {
  const { exchange } = await awaitResponse(play, name, signal, 'foreign updates')
  if (exchange.completion === undefined) return unmet(expected, 'no complete response', { late: true })
  if (exchange.completion.kind === 'complete') return { exchange }
  return unmet('a complete response at the time-out', describeResponse(exchange.head, exchange.completion))
}

const waitersVerb = verb({
  name: 'waiters',
  about: 'The target counts this many waiting requests on the channel of the case.',
  expects: true,
  schema: Type.Object({ count: Type.Integer({ minimum: 0 }), within: Type.Optional(DurationText) }, closed),
  run: async ({ count, within }, play) => {
    const { reached, last } = await waitForWaiterCount(
      play,
      (current) => current === count,
      play.bounds.within(within),
    )
    if (reached) {
      play.notes.addTold('kit', `the target counts ${count} waiting requests`)
      return met
    }
    if (last === undefined) return unable('the target does not say how many requests wait')
    return unmet(`a count of ${count} waiting requests`, `a count of ${last}`, { late: true })
  },
  draw: ({ count }) => [{ actor: 'kit', towards: 'none', text: `${count} waiting requests` }],
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
    'The target treats a poll as its description states: it holds it, responds with updates, or refuses it with a status. `malformed` and `future` are polls with such a cursor, `initial` is a poll without a cursor, `second` is another poll of the same session.',
  expects: true,
  schema: treatedSchema,
  run: async ({ request = 'poller', as, within }, play) => {
    const declared = declaredTreatment(play, as)
    if (declared === undefined)
      return unable(`the target description does not say how a ${as} poll is treated`)
    if (declared === 'held') return heldVerb.run({ request, for: '200ms' }, play)
    if (declared === 'answered') return judgeImmediateUpdates(play, request, within)
    const { exchange } = pollerOf(play, request)
    const expected = `${describeStatus(declared)} at once, as declared`
    if (!(await exchange.completed(play.bounds.within(within))))
      return unmet(expected, 'no response in time', { late: true })
    return exchange.head !== undefined && statusMeets(declared, exchange.head.status)
      ? met
      : unmet(expected, describeResponse(exchange.head, exchange.completion))
  },
  draw: ({ request = 'poller', as }) => [
    { actor: request, towards: 'kit', text: `treated as declared: ${as}` },
  ],
})

async function judgeImmediateUpdates(play: Play, name: string, within: string | undefined): Promise<Outcome> {
  const expected = 'a response with updates at once, as declared'
  const response = await readResponse(play, name, play.bounds.within(within), expected)
  if (isOutcome(response)) return response
  return response.updates.length > 0 ? met : unmet(expected, describeUpdates([], response.poller.exchange))
}

function declaredTreatment(play: Play, as: Static<typeof treatedSchema>['as']): Treatment | undefined {
  const described = play.target.description['long-polling']
  if (as === 'initial') return described?.initial === 'oldest' ? 'answered' : 'held'
  if (as === 'second') return described?.second
  return described?.unusable?.[as]?.then
}

export const holdingVerbs = [heldVerb, timedOutVerb, waitersVerb, treatedVerb]
