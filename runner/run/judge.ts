import type { Case, Instance, Step } from '../chapters/chapter.ts'
import type { Play } from '../steps/stage/play.ts'
import type { Outcome } from '../steps/language/outcome.ts'
import type { Result, Verdict } from './result.ts'

export interface StepOutcome {
  /** Undefined for what befell the case as a whole. */
  readonly step: Step | undefined
  readonly outcome: Outcome
}

interface Evidence {
  readonly entry: Case
  readonly instance: Instance
  readonly outcomes: readonly StepOutcome[]
  readonly play: Play
  /** How long this process was blocked at the worst, in milliseconds. */
  readonly lagMs: number
  /** This machine has more to do than it can. */
  readonly pressed: boolean
  /** The target has ended a connection. */
  readonly dropped: boolean
}

/**
 * Whether an instance is tried once more: for sure, or, where the kit could not come as far as to judge, only if that
 * helps others.
 */
export type Again = 'no' | 'yes' | 'if it helps'

interface Judgement {
  readonly verdict: Verdict
  readonly reason: string
  readonly expected: string
  readonly observed: string
  readonly step: Step | undefined
  readonly again: Again
}

/** The verdict over all steps: the worst that an expectation came to, or what kept the kit from judging. */
export function judgement(evidence: Evidence): { result: Result; again: Again } {
  const judged = judge(evidence)
  return { result: resultOf(evidence, judged), again: judged.again }
}

function judge({ entry, outcomes, play, lagMs, pressed, dropped }: Evidence): Judgement {
  const worst =
    outcomes.findLast(({ outcome }) => outcome.kind !== 'met' && !isWarning(outcome)) ??
    outcomes.find(({ outcome }) => outcome.kind === 'unmet')
  if (worst === undefined || worst.outcome.kind === 'met') return { ...nothing, verdict: 'pass' }
  const { step, outcome } = worst
  if (outcome.kind === 'unable') {
    const { reason, again = false } = outcome
    return {
      ...nothing,
      verdict: 'inconclusive',
      reason,
      step,
      again: again || pressed ? 'if it helps' : 'no',
    }
  }
  const { expected, observed } = outcome
  const reason = `expected ${expected}, got ${observed}`
  const unmet = { expected, observed, reason, step }
  const excuse = outcome.late ? excuseOf(lagMs, pressed, play) : undefined
  if (excuse !== undefined)
    return { ...unmet, verdict: 'inconclusive', reason: `${excuse}: ${reason}`, again: 'yes' }
  if (step?.given)
    return {
      ...unmet,
      verdict: 'inconclusive',
      reason: `a step that only prepares the case went wrong: ${reason}`,
      again: dropped ? 'yes' : outcome.late ? 'if it helps' : 'no',
    }
  const verdict = gradeOf(entry, outcome.grade, play)
  return { ...unmet, verdict, again: verdict === 'fail' && dropped ? 'yes' : 'no' }
}

/** Why this machine, and not the target, may be the one that was late; undefined when nothing speaks for it. */
function excuseOf(lagMs: number, pressed: boolean, play: Play): string | undefined {
  if (lagMs > play.bounds.tolerableBlock) return `this machine was blocked for ${Math.round(lagMs)} ms`
  return pressed ? 'this machine has more to do than it can' : undefined
}

const nothing = { reason: '', expected: '', observed: '', step: undefined, again: 'no' } as const

const isWarning = (outcome: Outcome): boolean => outcome.kind === 'unmet' && outcome.grade === 'warn'

/** A broken MUST fails; a broken SHOULD, a tolerated deviation and what the description allows warn. */
function gradeOf(entry: Case, grade: 'fail' | 'warn', play: Play): Verdict {
  const allowed = play.instance.proves.some(({ id }) => play.target.description.allow?.[id] === 'tolerate')
  return grade === 'fail' && entry.level === 'MUST' && !allowed ? 'fail' : 'warn'
}

function resultOf({ entry, instance, play }: Evidence, judged: Judgement): Result {
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
    transcript: play.transcript.entries,
  }
}

/** A result that says only which instance it is of. */
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
    durationMs: 0,
    transcript: [],
  }
}
