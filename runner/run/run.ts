import { randomBytes } from 'node:crypto'
import type { Case, Instance } from '../spec/chapter.ts'
import { verbs as allVerbs } from '../steps/index.ts'
import type { Verb } from '../steps/verb.ts'
import type { EndpointKind, Target } from '../target/target.ts'
import { blankResult } from './judge.ts'
import { Lag } from './lag.ts'
import { missingOf } from './missing.ts'
import { foldFindings, keepFinding, type Seen, watchedRules } from './passive.ts'
import { type Played, playInstance, type PlayOptions } from './play-instance.ts'
import type { Result } from './result.ts'
import { SharedUpdates } from '../steps/play.ts'
import { isPressed } from './pressure.ts'
import { schedule, type Task } from './schedule.ts'
import { SharedChannel, Turns } from './turns.ts'

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
}

interface Chosen {
  readonly entry: Case
  readonly instance: Instance
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
      lag,
    )
  } finally {
    lag.stop()
  }
}

async function* playAll(chosen: readonly Chosen[], options: RunOptions, lag: Lag): AsyncGenerator<Result> {
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
  }
  const again: Untimed[] = []
  const watching: Played[] = []
  const findings: Seen[] = []
  const settle = function* (one: Chosen, played: Played): Generator<Result> {
    const { transcript } = played.result
    for (const finding of played.findings) keepFinding({ ...finding, by: one.entry.id, transcript }, findings)
    if (watchedRules(one.instance).length > 0) watching.push(played)
    else yield played.result
  }
  const channel = new SharedChannel()
  const tasks = chosen.map((one): Task<[Chosen, Played]> => {
    const { entry, instance } = one
    const turns = sharesChannel(instance, target) ? new Turns(channel, instance.steps) : undefined
    return {
      run: async () => [one, await playInstance(entry, instance, { ...shared, turns })],
      alone: entry.alone,
      shared: turns?.use,
    }
  })
  for await (const [one, played] of schedule(tasks, concurrency, signal)) {
    if (played.untimed && !signal.aborted) again.push({ ...one, played })
    else yield* settle(one, played)
  }
  for await (const [one, played] of secondTry(again, { ...shared, seed: `${seed} again` }))
    yield* settle(one, played)
  for (const played of watching) yield foldFindings(played.result, findings, chosen)
}

/** An instance that could not be timed, and what it came to. */
interface Untimed extends Chosen {
  readonly played: Played
}

/** How much longer the second try may take. */
const patience = 3
/** When trying again has not helped so many times in a row, it was not chance. */
const mostInVain = 5

/** Plays what could not be timed once more, alone and with longer bounds; then only a blocked process is an excuse. */
async function* secondTry(
  untimed: readonly Untimed[],
  options: PlayOptions,
): AsyncGenerator<[Chosen, Played]> {
  const alone = { ...options, slow: options.slow * patience, isPressed: () => false }
  let inVain = 0
  for (const one of untimed) {
    const goesOn = inVain < mostInVain && !options.signal.aborted
    const played = goesOn ? await playInstance(one.entry, one.instance, alone) : one.played
    inVain = played.result.verdict === 'pass' ? 0 : inVain + 1
    yield [one, played]
  }
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
