import type { Case, Instance, Step } from '../chapters/chapter.ts'
import { substitute } from '../documents/substitute.ts'
import type { Target } from '../targets/target.ts'
import { Play } from '../steps/stage/play.ts'
import type { ReceivedCounts } from '../steps/stage/received.ts'
import type { RunMemory } from '../steps/stage/run-memory.ts'
import type { ConnectionTrace } from '../steps/stage/connections.ts'
import { type Outcome, type Refusal, unable } from '../steps/language/outcome.ts'
import type { Verb } from '../steps/language/verb.ts'
import type { Finding } from '../wire/finding.ts'
import { type Retry, judgement, type StepOutcome } from './judge.ts'
import type { BlockedTime } from './schedule/event-loop-delay.ts'
import type { Result } from './result.ts'
import type { ChannelAccess } from './schedule/channel-lock.ts'
import { watchedRules } from './watched-rules.ts'
import { isInability } from './inability.ts'
import { Controls, controlKindOf, whyRefusalProvesNothing } from './control.ts'
import { deadline } from '../wire/deadline.ts'
import { isTimeOut } from '../targets/errors/unreachable.ts'

export interface InstanceOptions {
  readonly target: Target
  readonly verbs: ReadonlyMap<string, Verb>
  readonly eventLoopDelay: BlockedTime
  /** Whether this machine is overloaded. */
  readonly isOverloaded: () => boolean
  readonly slow: number
  readonly seed: string
  readonly signal: AbortSignal
  /** What all instances of the run share. */
  readonly memory?: RunMemory
  /** ChannelAccess on a channel that other instances see too. */
  readonly channelAccess?: ChannelAccess | undefined
  /** The reason of the first result, if this is a retry. */
  readonly earlier?: string | undefined
  /** Called when the instance begins to wait for a time-out, and at its end. */
  readonly onTimeOut?: (() => void) | undefined
}

/** A result, with further data that the run needs. */
export interface Played {
  readonly result: Result
  readonly findings: readonly Finding[]
  /** What was received in the instance. */
  readonly received: ReceivedCounts
  /**
   * Whether to retry: a bound on time decided while this machine was late, or the target closed a connection, perhaps
   * because of other instances.
   */
  readonly retry: Retry
  /** On the clock of `performance.now()`. */
  readonly trace: ConnectionTrace
}

/** The longest that one instance may take, in milliseconds. Every wait has its own bound; this one is for defects. */
const longestMs = 180_000
/** The same for an instance that only `--full` plays. */
const longestFullMs = 1_800_000

/** Plays one instance from its first step to the end of its last actor, and judges it. */
export async function playInstance(
  entry: Case,
  instance: Instance,
  options: InstanceOptions,
): Promise<Played> {
  const guard = deadline((entry.full ? longestFullMs : longestMs) * options.slow, options.signal)
  const play = prepare(entry, instance, options, guard.signal)
  const started = performance.now()
  const outcomes: StepOutcome[] = []
  let trace = play.connections.trace
  try {
    for (const [at, step] of instance.steps.entries()) {
      await options.channelAccess?.before(at)
      if (step.verb === 'timed-out') options.onTimeOut?.()
      const outcome = await playStep(step, play, options.verbs)
      outcomes.push({ step, outcome, seen: play.transcript.entries.length })
      if (stops(outcome, step) || play.signal.aborted) break
    }
  } finally {
    trace = play.connections.trace
    await play.close()
    options.channelAccess?.end()
    options.onTimeOut?.()
    guard.release()
  }
  if (play.signal.aborted)
    outcomes.push({
      step: undefined,
      seen: play.transcript.entries.length,
      outcome: unable(options.signal.aborted ? 'the run was interrupted' : 'the case did not end'),
    })
  const blockedMs = options.eventLoopDelay.longestSince(started)
  const overloaded = options.isOverloaded()
  const connectionLost = trace.closed !== undefined
  const judged = judgement({ entry, instance, outcomes, play, blockedMs, overloaded, connectionLost })
  const result = await confirmed(judged.result, outcomes, play, instance, options)
  return {
    ...judged,
    result: { ...result, durationMs: Math.round(performance.now() - started) },
    findings: play.findings,
    received: play.connections.received,
    trace: onClock(trace, started),
  }
}

/**
 * A pass that rests on a refusal, or on nothing but the end of a connection, unless the target treats ordinary requests in
 * the same way: then nothing was seen of the rule.
 */
async function confirmed(
  result: Result,
  outcomes: readonly StepOutcome[],
  play: Play,
  instance: Instance,
  options: InstanceOptions,
): Promise<Result> {
  if (result.verdict !== 'pass' || watchedRules(instance).length > 0) return result
  const refusal = outcomes.find(({ step, outcome }) => step?.given !== true && isRefusal(outcome))?.outcome
  const how = refusal !== undefined && isRefusal(refusal) ? refusal.refusal : undefined
  if (how === undefined && result.evidence !== '') return result
  const kind = controlKindOf(instance.needs)
  const open = (): Play => prepare(play.case, instance, options, options.signal)
  const control =
    kind === undefined ? 'none' : await play.memory.of(Controls).answer(kind, open, options.verbs)
  const reason = whyRefusalProvesNothing(how ?? 'closed', control)
  return reason === undefined ? result : { ...result, verdict: 'inconclusive', reason, evidence: '' }
}

const isRefusal = (outcome: Outcome): outcome is Outcome & { readonly refusal: Refusal } =>
  outcome.kind === 'met' && outcome.refusal !== undefined

function prepare(entry: Case, instance: Instance, options: InstanceOptions, signal: AbortSignal): Play {
  const { earlier, eventLoopDelay } = options
  const play = new Play({
    ...options,
    case: entry,
    instance,
    signal,
    isRetry: earlier !== undefined,
    blockedSince: (start) => eventLoopDelay.totalSince(start),
  })
  if (earlier) play.notes.add('kit', `retried with lower concurrency; the first result was: ${earlier}`)
  return play
}

/** Converts times since `started` into times of the clock of `started`. */
const onClock = ({ accepted, closed, refused }: ConnectionTrace, started: number): ConnectionTrace => ({
  accepted: accepted && started + accepted,
  closed: closed && started + closed,
  refused: refused && started + refused,
})

const stops = (outcome: Outcome, step: Step): boolean =>
  outcome.kind === 'unable' ||
  (outcome.kind === 'met' && outcome.finished === true) ||
  (outcome.kind === 'unmet' && (outcome.grade === 'fail' || step.given))

async function playStep(step: Step, play: Play, verbs: ReadonlyMap<string, Verb>): Promise<Outcome> {
  const verb = verbs.get(step.verb)
  if (verb === undefined) throw new Error(`the verb ${step.verb} is not known`)
  const args = substitute(step.args, (name) => valueOf(name, play))
  try {
    return await verb.run(args, play)
  } catch (error) {
    if (isInability(error)) return unable(error.message, { retryMayHelp: isTimeOut(error.cause) })
    throw error
  }
}

/** A value of the target description that a case refers to; the case `needs` it, so that it exists. */
function ofTarget(name: string, { description: { sse, websocket } }: Target): unknown {
  if (name === 'streams') return sse?.streams
  if (name === 'max-message') return websocket?.maxMessage
  const [subprotocol] = websocket?.subprotocols ?? []
  return name === 'subprotocol' ? subprotocol : subprotocol?.toUpperCase()
}

function valueOf(name: string, play: Play): unknown {
  if (name === 'case.nonce') return play.identity.nonce
  if (name === 'case.channel') return play.identity.channel
  if (name.startsWith('target.')) return ofTarget(name.slice('target.'.length), play.target)
  return play.captures[name]
}
