import { randomBytes } from 'node:crypto'
import type { Case, Instance } from '../chapters/chapter.ts'
import { verbs as allVerbs } from '../steps/index.ts'
import type { Verb } from '../steps/language/verb.ts'
import { endingOf } from '../targets/description/schema.ts'
import type { Target } from '../targets/target.ts'
import type { EndpointKind } from '../targets/address.ts'
import { blankResult } from './judge.ts'
import { TargetLoss } from './target-loss.ts'
import { EventLoopDelay, type BlockedTime } from './schedule/event-loop-delay.ts'
import { skipReasonOf } from './selection/skip-reason.ts'
import { applyFindings, RunFindings, watchedRules } from './watched-rules.ts'
import { type Played, playInstance, type InstanceOptions } from './play-instance.ts'
import type { Result } from './result.ts'
import { RunMemory } from '../steps/stage/run-memory.ts'
import { isOverloaded } from './schedule/machine-load.ts'
import { schedule, type Task } from './schedule/schedule.ts'
import { ChannelLock, ChannelAccess } from './schedule/channel-lock.ts'

export interface RunOptions {
  readonly target: Target
  readonly cases: readonly Case[]
  /** How many instances are played concurrently (default 64). */
  readonly concurrency?: number
  /** Factor for every bound on time (default 1). */
  readonly slow?: number
  /** Makes nonces and masking keys repeatable. */
  readonly seed?: string
  /** Also play the instances that take long. */
  readonly full?: boolean
  readonly signal?: AbortSignal
  readonly verbs?: readonly Verb[]
  /** Whether this machine is overloaded, so that late instances are retried (default: asks the operating system). */
  readonly isOverloaded?: () => boolean
  /** For how long this process was blocked (default: is measured). */
  readonly blockedTime?: BlockedTime
}

interface Chosen {
  readonly entry: Case
  readonly instance: Instance
  /** The reason of the first result, if this is a retry. */
  readonly earlier?: string
}

/** Plays the cases against the target, and yields each result as soon as it is known. Only a defect of the kit throws. */
export async function* run(options: RunOptions): AsyncGenerator<Result> {
  const { target, cases, full = false } = options
  const chosen = cases.flatMap((entry) => entry.instances.map((instance) => ({ entry, instance })))
  const checked = chosen.map((one) => ({
    ...one,
    skipReason: skipReasonOf(one.entry, one.instance, target, full),
  }))
  for (const { entry, instance, skipReason } of checked)
    if (skipReason) yield { ...blankResult(entry, instance), ...skipReason }
  const eventLoopDelay = new EventLoopDelay()
  try {
    yield* playAll(
      checked.filter(({ skipReason }) => skipReason === undefined),
      options,
      options.blockedTime ?? eventLoopDelay,
    )
  } finally {
    eventLoopDelay.stop()
  }
}

async function* playAll(
  chosen: readonly Chosen[],
  options: RunOptions,
  eventLoopDelay: BlockedTime,
): AsyncGenerator<Result> {
  const { target, concurrency = 64, slow = 1, seed = randomBytes(8).toString('hex') } = options
  const signal = options.signal ?? new AbortController().signal
  const verbs = new Map((options.verbs ?? allVerbs).map((verb) => [verb.name, verb]))
  const shared: InstanceOptions = {
    target,
    verbs,
    eventLoopDelay,
    slow,
    seed,
    signal,
    isOverloaded: options.isOverloaded ?? isOverloaded,
    memory: new RunMemory(),
  }
  const toRetry = new Map<Chosen, Played>()
  const watching: Result[] = []
  const targetLoss = new TargetLoss()
  const refused: Result[] = []
  const findings = new RunFindings()
  const settle = function* (one: Chosen, played: Played): Generator<Result> {
    findings.add(played.findings, played.received, played.result)
    if (played.trace.refused !== undefined && played.result.verdict === 'inconclusive')
      refused.push(played.result)
    else if (watchedRules(one.instance).length > 0) watching.push(played.result)
    else yield played.result
  }
  for await (const [one, played] of playRound(chosen, concurrency, shared)) {
    targetLoss.add(nameOf(played.result), played.trace)
    if (played.retry !== 'no') toRetry.set({ ...one, earlier: played.result.reason }, played)
    else yield* settle(one, played)
  }
  for await (const [one, played] of retryRound(
    toRetry,
    Math.ceil(concurrency / retryConcurrencyDivisor),
    shared,
  )) {
    targetLoss.add(nameOf(played.result), played.trace)
    toRetry.delete(one)
    yield* settle(one, played)
  }
  // Instances that were not retried: the run was interrupted, or a retry would not have helped.
  for (const [one, played] of toRetry) yield* settle(one, played)
  const { reason } = targetLoss
  for (const result of refused) yield reason === undefined ? result : { ...result, reason }
  yield* applyFindings(watching, findings, chosen)
}

const nameOf = ({ id, instance }: Result): string => (instance === '' ? id : `${id} [${instance}]`)

/** A retry stretches every bound on time by this factor, and divides the concurrency by this divisor. */
const retrySlow = 3
const retryConcurrencyDivisor = 4
/** Divides it again for instances that could not be judged: some targets serve only a few clients at a time. */
const unjudgedConcurrencyDivisor = 4

/** Options of a retry: the load of the machine is no excuse any more, only a blocked process is. */
const retryOptions = (options: InstanceOptions): InstanceOptions => ({
  ...options,
  seed: `${options.seed} again`,
  slow: options.slow * retrySlow,
  isOverloaded: () => false,
})

/** So many instances that could not be judged are retried first; the others only if that has helped one of these. */
const mostUnjudgedFirst = 5

async function* retryRound(
  toRetry: ReadonlyMap<Chosen, Played>,
  concurrency: number,
  options: InstanceOptions,
): AsyncGenerator<[Chosen, Played]> {
  const of = (kind: Played['retry']): Chosen[] =>
    [...toRetry].flatMap(([one, played]) => (played.retry === kind ? [one] : []))
  const unjudged = of('if it helps')
  yield* playRound(of('yes'), concurrency, retryOptions(options))
  let helps = false
  const lowConcurrency = Math.ceil(concurrency / unjudgedConcurrencyDivisor)
  for await (const [one, played] of playRound(
    unjudged.slice(0, mostUnjudgedFirst),
    lowConcurrency,
    retryOptions(options),
  )) {
    helps ||= played.result.verdict !== 'inconclusive'
    yield [one, played]
  }
  if (helps) yield* playRound(unjudged.slice(mostUnjudgedFirst), lowConcurrency, retryOptions(options))
}

/** Plays instances concurrently; those that share a channel with others access it through a lock. */
function playRound(
  chosen: readonly Chosen[],
  concurrency: number,
  options: InstanceOptions,
): AsyncGenerator<[Chosen, Played]> {
  const lock = new ChannelLock()
  const tasks = chosen.map((one): Task<[Chosen, Played]> => {
    const { entry, instance, earlier } = one
    const channelAccess = sharesChannel(instance, options.target)
      ? new ChannelAccess(lock, instance.steps)
      : undefined
    let onTimeOut = (): void => {}
    const timedOut = new Promise<void>((resolve) => (onTimeOut = resolve))
    return {
      run: async () => [
        one,
        await playInstance(entry, instance, { ...options, channelAccess, earlier, onTimeOut }),
      ],
      alone: entry.alone,
      heavy: entry.full,
      shared: channelAccess?.use,
      prepared: waitsLong(instance, options.target) ? timedOut : undefined,
    }
  })
  return schedule(tasks, concurrency, options.signal)
}

/** Whether an instance waits for a time-out that the client cannot set. */
function waitsLong({ steps }: Instance, { description }: Target): boolean {
  const { after, set } = endingOf(description) ?? {}
  return after !== undefined && set === undefined && steps.some(({ verb }) => verb === 'timed-out')
}

const feeds: Readonly<Record<string, EndpointKind>> = {
  polling: 'polling',
  'long-polling': 'long-polling',
  sse: 'sse',
  'websocket.updates': 'updates',
  'delivery.polling': 'polling',
  'delivery.long-polling': 'long-polling',
  'delivery.sse': 'sse',
  'delivery.websocket': 'updates',
}

/** Whether an instance uses a channel that other instances use too. */
function sharesChannel({ needs }: Instance, target: Target): boolean {
  const used = needs.map((need) => feeds[need])
  // Without an `http` endpoint plain requests go to the polling resource.
  if (needs.includes('http') && target.description.http === undefined) used.push('polling')
  return used.some((kind) => kind !== undefined && target.isShared(kind))
}
