import type { Case, Instance, Step } from '../chapters/chapter.ts'
import type { Play } from '../steps/stage/play.ts'
import type { Outcome } from '../steps/language/outcome.ts'
import type { Entry } from '../wire/transcript.ts'
import type { Result, Verdict } from './result.ts'

export interface StepOutcome {
  /** Undefined for an outcome of the case as a whole. */
  readonly step: Step | undefined
  readonly outcome: Outcome
  /** Number of entries of the transcript when it was known. */
  readonly seen: number
}

interface Evidence {
  readonly entry: Case
  readonly instance: Instance
  readonly outcomes: readonly StepOutcome[]
  readonly play: Play
  /** The longest time for which this process was blocked, in milliseconds. */
  readonly blockedMs: number
  /** This machine is overloaded. */
  readonly overloaded: boolean
  /** The target has closed a connection. */
  readonly connectionLost: boolean
}

/**
 * Whether an instance is retried: `yes`, or, if the kit could not judge it, only if a retry has helped other instances.
 */
export type Retry = 'no' | 'yes' | 'if it helps'

interface Judgement {
  readonly verdict: Verdict
  readonly reason: string
  readonly expected: string
  readonly observed: string
  readonly step: Step | undefined
  readonly retry: Retry
}

/** The verdict over all steps: the worst outcome of an expectation, or what prevented a judgement. */
export function judgement(evidence: Evidence): { result: Result; retry: Retry } {
  const judged = judge(evidence)
  return { result: resultOf(evidence, judged), retry: judged.retry }
}

function judge({ entry, outcomes, play, blockedMs, overloaded, connectionLost }: Evidence): Judgement {
  const worst =
    outcomes.findLast(({ outcome }) => outcome.kind !== 'met' && !isWarning(outcome)) ??
    outcomes.find(({ outcome }) => outcome.kind === 'unmet')
  if (worst === undefined || worst.outcome.kind === 'met') return { ...nothing, verdict: 'pass' }
  const { step, outcome } = worst
  if (outcome.kind === 'unable') {
    const { reason, retryMayHelp = false } = outcome
    return {
      ...nothing,
      verdict: 'inconclusive',
      reason,
      step,
      retry: retryMayHelp || overloaded ? 'if it helps' : 'no',
    }
  }
  const { expected, observed } = outcome
  const reason = `expected ${expected}, got ${observed}`
  const unmet = { expected, observed, reason, step }
  const excuse = outcome.late ? excuseOf(blockedMs, overloaded, play) : undefined
  if (excuse !== undefined)
    return { ...unmet, verdict: 'inconclusive', reason: `${excuse}: ${reason}`, retry: 'yes' }
  if (step?.given)
    return {
      ...unmet,
      verdict: 'inconclusive',
      reason: `a step that prepares the case failed: ${reason}`,
      retry: connectionLost ? 'yes' : outcome.late ? 'if it helps' : 'no',
    }
  const verdict = gradeOf(entry, outcome.grade, play)
  return { ...unmet, verdict, retry: verdict === 'fail' && connectionLost ? 'yes' : 'no' }
}

/** Why this machine, and not the target, may have been late; undefined if nothing suggests it. */
function excuseOf(blockedMs: number, overloaded: boolean, play: Play): string | undefined {
  if (blockedMs > play.bounds.tolerableBlockMs)
    return `this machine was blocked for ${Math.round(blockedMs)} ms`
  return overloaded ? 'this machine is overloaded' : undefined
}

const nothing = { reason: '', expected: '', observed: '', step: undefined, retry: 'no' } as const

const isWarning = (outcome: Outcome): boolean => outcome.kind === 'unmet' && outcome.grade === 'warn'

/** A broken MUST fails. A broken SHOULD, a tolerated deviation, and what the description allows give a warning. */
function gradeOf(entry: Case, grade: 'fail' | 'warn', play: Play): Verdict {
  const allowed = play.instance.proves.some(({ id }) => play.target.description.allow?.[id] === 'tolerate')
  return grade === 'fail' && entry.level === 'MUST' && !allowed ? 'fail' : 'warn'
}

function resultOf({ entry, instance, outcomes, play }: Evidence, judged: Judgement): Result {
  const { step } = judged
  return {
    ...blankResult(entry, instance),
    verdict: judged.verdict,
    reason: judged.reason,
    expected: judged.expected,
    observed: judged.observed,
    step: step && {
      index: step.index,
      verb: step.verb,
      at: `${step.place.file}:${step.place.line}:${step.place.column}`,
    },
    evidence: judged.verdict === 'pass' ? evidenceOf(outcomes, play) : '',
    transcript: play.transcript.entries,
  }
}

/** The last thing that was received before the last expectation was met; empty if the target has sent nothing. */
function evidenceOf(outcomes: readonly StepOutcome[], play: Play): string {
  const decided = outcomes.at(-1)?.seen ?? 0
  const received = play.transcript.entries.slice(0, decided).findLast((entry) => isReceived(entry))
  return received === undefined
    ? ''
    : `${received.actor}: ${received.what} after ${Math.round(received.at)} ms`
}

/** Bytes of the target, or what it has told otherwise. */
const isReceived = ({ direction, length, act }: Entry): boolean =>
  (direction === 'received' && length > 0) || act === 'ask' || act === 'aside' || act === 'told'

/** A result that identifies its instance and has no verdict yet. */
export function blankResult(entry: Case, instance: Instance): Result {
  return {
    id: entry.id,
    instance: instance.name,
    params: instance.params,
    title: entry.title,
    chapter: entry.chapter.title,
    protocol: entry.protocol,
    level: entry.level,
    basis: entry.basis,
    requirements: instance.proves,
    verdict: 'skip',
    reason: '',
    expected: '',
    observed: '',
    step: undefined,
    enable: '',
    evidence: '',
    durationMs: 0,
    transcript: [],
  }
}
