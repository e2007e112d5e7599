import { randomBytes } from 'node:crypto'
import type { Case, Instance } from '../chapters/chapter.ts'
import { verbs as allVerbs } from '../steps/index.ts'
import type { Verb } from '../steps/stage/verb.ts'
import { endingOf } from '../targets/description/schema.ts'
import type { Target } from '../targets/target.ts'
import type { EndpointKind } from '../targets/address.ts'
import { blankResult } from './judge.ts'
import { Departure } from './target-loss.ts'
import { type Delays, Lag } from './schedule/event-loop-delay.ts'
import { missingOf } from './selection/skip-reason.ts'
import { Findings, foldFindings, watchedRules } from './watched-rules.ts'
import { type Played, playInstance, type PlayOptions } from './play-instance.ts'
import type { Result } from './result.ts'
import { KnownIds } from '../steps/event-stream/known-ids.ts'
import { Silence } from '../steps/stage/optional-behaviour.ts'
import { SharedUpdates } from '../steps/stage/play.ts'
import { isPressed } from './schedule/machine-load.ts'
import { schedule, type Task } from './schedule/schedule.ts'
import { SharedChannel, Turns } from './schedule/channel-lock.ts'

export interface RunOptions {
  readonly target: Target
  readonly cases: readonly Case[]
  /** How many instances are played side by side (default 64). */
  readonly concurrency?: number
  /** Factor for every bound on time (default 1). */
  readonly slow?: number
  /** Makes nonces and masking keys repeatable. */
  readonly seed?: string
  /** Also the instances that take long. */
  readonly full?: boolean
  readonly signal?: AbortSignal
  readonly verbs?: readonly Verb[]
  /** Whether this machine has more to do than it can; then what is late is tried once more (default: asks the system). */
  readonly isPressed?: () => boolean
  /** How long this process was blocked (default: is measured). */
  readonly delays?: Delays
}

interface Chosen {
  readonly entry: Case
  readonly instance: Instance
  /** What the first try came to, if this is the second. */
  readonly earlier?: string
}

/** Plays the cases against the target; results come as they are known. Only a defect of the kit throws. */
export async function* run(options: RunOptions): AsyncGenerator<Result> {
  const { target, cases, full = false } = options
  const chosen = cases.flatMap((entry) => entry.instances.map((instance) => ({ entry, instance })))
  const skipped = chosen.map((one) => ({ ...one, missing: missingOf(one.entry, one.instance, target, full) }))
  for (const { entry, instance, missing } of skipped)
    if (missing) yield { ...blankResult(entry, instance), ...missing }
  const lag = new Lag()
  try {
    yield* playAll(
      skipped.filter(({ missing }) => missing === undefined),
      options,
      options.delays ?? lag,
    )
  } finally {
    lag.stop()
  }
}

async function* playAll(chosen: readonly Chosen[], options: RunOptions, lag: Delays): AsyncGenerator<Result> {
  const { target, concurrency = 64, slow = 1, seed = randomBytes(8).toString('hex') } = options
  const signal = options.signal ?? new AbortController().signal
  const verbs = new Map((options.verbs ?? allVerbs).map((verb) => [verb.name, verb]))
  const shared: PlayOptions = {
    target,
    verbs,
    lag,
    slow,
    seed,
    signal,
    isPressed: options.isPressed ?? isPressed,
    updates: new SharedUpdates(),
    ids: new KnownIds(),
    silence: new Silence(),
  }
  const again = new Map<Chosen, Played>()
  const watching: Result[] = []
  const departure = new Departure()
  const refused: Result[] = []
  const findings = new Findings()
  const settle = function* (one: Chosen, played: Played): Generator<Result> {
    findings.add(played.findings, played.result)
    if (played.traces.refused !== undefined && played.result.verdict === 'inconclusive')
      refused.push(played.result)
    else if (watchedRules(one.instance).length > 0) watching.push(played.result)
    else yield played.result
  }
  for await (const [one, played] of playRound(chosen, concurrency, shared)) {
    departure.add(nameOf(played.result), played.traces)
    if (played.again !== 'no') again.set({ ...one, earlier: played.result.reason }, played)
    else yield* settle(one, played)
  }
  for await (const [one, played] of secondRound(again, Math.ceil(concurrency / fewerSideBySide), shared)) {
    departure.add(nameOf(played.result), played.traces)
    again.delete(one)
    yield* settle(one, played)
  }
  // Not tried again: interrupted before that, or it would not have helped.
  for (const [one, played] of again) yield* settle(one, played)
  const { reason } = departure
  for (const result of refused) yield reason === undefined ? result : { ...result, reason }
  yield* foldFindings(watching, findings, chosen)
}

const nameOf = ({ id, instance }: Result): string => (instance === '' ? id : `${id} [${instance}]`)

/** How much longer the second try may take, and how much less is done beside it. */
const patience = 3
const fewerSideBySide = 4
/** What could not be judged needs more quiet: a target may do only a few things at a time. */
const stillFewer = 4

/** What chance may have had a hand in is played once more, in more quiet; then only a blocked process is an excuse. */
const secondTry = (options: PlayOptions): PlayOptions => ({
  ...options,
  seed: `${options.seed} again`,
  slow: options.slow * patience,
  isPressed: () => false,
})

/** Of those that could not be judged so many are tried again; the others only if that has helped one of these. */
const fewUnjudged = 5

async function* secondRound(
  again: ReadonlyMap<Chosen, Played>,
  concurrency: number,
  options: PlayOptions,
): AsyncGenerator<[Chosen, Played]> {
  const of = (kind: Played['again']): Chosen[] =>
    [...again].flatMap(([one, played]) => (played.again === kind ? [one] : []))
  const unjudged = of('if it helps')
  yield* playRound(of('yes'), concurrency, secondTry(options))
  let helps = false
  const quiet = Math.ceil(concurrency / stillFewer)
  for await (const [one, played] of playRound(unjudged.slice(0, fewUnjudged), quiet, secondTry(options))) {
    helps ||= played.result.verdict !== 'inconclusive'
    yield [one, played]
  }
  if (helps) yield* playRound(unjudged.slice(fewUnjudged), quiet, secondTry(options))
}

/** Plays instances side by side, each with its turns where others use its channel too. */
function playRound(
  chosen: readonly Chosen[],
  concurrency: number,
  options: PlayOptions,
): AsyncGenerator<[Chosen, Played]> {
  const channel = new SharedChannel()
  const tasks = chosen.map((one): Task<[Chosen, Played]> => {
    const { entry, instance, earlier } = one
    const turns = sharesChannel(instance, options.target) ? new Turns(channel, instance.steps) : undefined
    let onTimeOut = (): void => {}
    const timedOut = new Promise<void>((resolve) => (onTimeOut = resolve))
    return {
      run: async () => [one, await playInstance(entry, instance, { ...options, turns, earlier, onTimeOut })],
      alone: entry.alone,
      heavy: entry.full,
      shared: turns?.use,
      prepared: waitsLong(instance, options.target) ? timedOut : undefined,
    }
  })
  return schedule(tasks, concurrency, options.signal)
}

/** Whether an instance waits for a time-out that no client can shorten. */
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

/** Whether an instance uses a channel that other instances see too. */
function sharesChannel({ needs }: Instance, target: Target): boolean {
  const used = needs.map((need) => feeds[need])
  // The resource for plain requests is that of polling where there is no other.
  if (needs.includes('http') && target.description.http === undefined) used.push('polling')
  return used.some((kind) => kind !== undefined && target.isShared(kind))
}
