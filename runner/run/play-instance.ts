import type { Case, Instance, Step } from '../chapters/chapter.ts'
import { substitute } from '../documents/substitute.ts'
import { NotAsDescribed } from '../targets/errors/not-as-described.ts'
import { HookFailed } from '../targets/errors/hook-failed.ts'
import { isTimeOut } from '../targets/errors/unreachable.ts'
import type { Target } from '../targets/target.ts'
import type { KnownIds } from '../steps/event-stream/known-ids.ts'
import type { Silence } from '../steps/stage/optional-behaviour.ts'
import { Play, type SharedUpdates, TooManySockets, type Traces, UnknownActor } from '../steps/stage/play.ts'
import { type Outcome, unable, type Verb } from '../steps/stage/verb.ts'
import { bound } from '../wire/bound.ts'
import type { Finding } from '../wire/observation.ts'
import { type Again, judgement, type StepOutcome } from './judge.ts'
import type { Delays } from './schedule/event-loop-delay.ts'
import type { Result } from './result.ts'
import type { Turns } from './schedule/channel-lock.ts'

export interface PlayOptions {
  readonly target: Target
  readonly verbs: ReadonlyMap<string, Verb>
  readonly lag: Delays
  /** Whether this machine has more to do than it can. */
  readonly isPressed: () => boolean
  readonly slow: number
  readonly seed: string
  readonly signal: AbortSignal
  /** What all instances of the run publish. */
  readonly updates?: SharedUpdates
  /** Ids that all instances of the run have seen. */
  readonly ids?: KnownIds
  /** What all instances of the run have waited for in vain. */
  readonly silence?: Silence
  /** Turns on a channel that other instances see too. */
  readonly turns?: Turns | undefined
  /** What the first try came to, if this is the second. */
  readonly earlier?: string | undefined
  /** Is told when the instance has come to a time-out, or to its end. */
  readonly onTimeOut?: (() => void) | undefined
}

/** A result, with what only the schedule needs to know. */
export interface Played {
  readonly result: Result
  readonly findings: readonly Finding[]
  /**
   * To be tried once more: only a bound on time decided, and this machine was late; or the target ended a
   * connection, which may be because of what others did to it meanwhile.
   */
  readonly again: Again
  /** On the clock of `performance.now()`. */
  readonly traces: Traces
}

/** The longest that one instance may take, in milliseconds; each wait has a bound of its own, this is for defects. */
const longestMs = 180_000
/** The same for an instance that is played with `--full` only. */
const longestFullMs = 1_800_000

/** Plays one instance from its first step to the end of its last actor, and judges it. */
export async function playInstance(entry: Case, instance: Instance, options: PlayOptions): Promise<Played> {
  const guard = bound((entry.full ? longestFullMs : longestMs) * options.slow, options.signal)
  const lostSince = (start: number): number => options.lag.lostSince(start)
  const play = new Play({ ...options, lostSince, case: entry, instance, signal: guard.signal })
  if (options.earlier) play.note('kit', `tried once more, in more quiet; the first time: ${options.earlier}`)
  const started = performance.now()
  const outcomes: StepOutcome[] = []
  let traces: Traces = play.traces
  try {
    for (const [at, step] of instance.steps.entries()) {
      await options.turns?.before(at)
      if (step.verb === 'timed-out') options.onTimeOut?.()
      const outcome = await playStep(step, play, options.verbs)
      outcomes.push({ step, outcome })
      if (stops(outcome, step) || play.signal.aborted) break
    }
  } finally {
    traces = play.traces
    await play.close()
    options.turns?.end()
    options.onTimeOut?.()
    guard.release()
  }
  if (play.signal.aborted)
    outcomes.push({
      step: undefined,
      outcome: unable(options.signal.aborted ? 'the run was interrupted' : 'the case did not come to an end'),
    })
  const lagMs = options.lag.worstSince(started)
  const pressed = options.isPressed()
  const dropped = traces.ended !== undefined
  const judged = judgement({ entry, instance, outcomes, play, lagMs, pressed, dropped })
  return {
    ...judged,
    result: { ...judged.result, durationMs: Math.round(performance.now() - started) },
    findings: play.findings,
    traces: onClock(traces, started),
  }
}

/** Times since `started` as those of its clock. */
const onClock = ({ taken, ended, refused }: Traces, started: number): Traces => ({
  taken: taken && started + taken,
  ended: ended && started + ended,
  refused: refused && started + refused,
})

const stops = (outcome: Outcome, step: Step): boolean =>
  outcome.kind === 'unable' ||
  (outcome.kind === 'met' && outcome.over === true) ||
  (outcome.kind === 'unmet' && (outcome.grade === 'fail' || step.given))

async function playStep(step: Step, play: Play, verbs: ReadonlyMap<string, Verb>): Promise<Outcome> {
  const verb = verbs.get(step.verb)
  if (verb === undefined) throw new Error(`the verb ${step.verb} is not known`)
  const args = substitute(step.args, (name) => valueOf(name, play))
  try {
    return await verb.run(args, play)
  } catch (error) {
    if (isInability(error)) return unable(error.message, { again: isTimeOut(error.cause) })
    throw error
  }
}

/** What stands in the way of judging, and is no defect of the kit. */
const isInability = (error: unknown): error is Error =>
  error instanceof HookFailed ||
  error instanceof UnknownActor ||
  error instanceof TooManySockets ||
  error instanceof NotAsDescribed

/** What a case may say of the description; it `needs` the entry, so that it is there. */
function ofTarget(name: string, { description: { sse, websocket } }: Target): unknown {
  if (name === 'streams') return sse?.streams
  if (name === 'max-message') return websocket?.maxMessage
  const [subprotocol] = websocket?.subprotocols ?? []
  return name === 'subprotocol' ? subprotocol : subprotocol?.toUpperCase()
}

function valueOf(name: string, play: Play): unknown {
  if (name === 'case.nonce') return play.nonce
  if (name === 'case.channel') return play.channel
  if (name.startsWith('target.')) return ofTarget(name.slice('target.'.length), play.target)
  return play.captures[name]
}
