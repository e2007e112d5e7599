import type { Result, Summary, Verdict } from '../run/result.ts'

/** Every verdict, in the order in which reports name them. */
export const verdicts: readonly Verdict[] = ['pass', 'fail', 'warn', 'skip', 'inconclusive']

/** The exit codes of the process; documented for users in docs/running.md and `--help`. */
export const exits = {
  /** Nothing failed. */
  ok: 0,
  /** A case failed, or warned with `--strict`. */
  failed: 1,
  /** Invalid command line or invalid input file. */
  usage: 2,
  /** Nothing failed, but some or all cases could not be judged. */
  unjudged: 3,
  /** A defect of pushspec itself (EX_SOFTWARE of sysexits.h). */
  defect: 70,
  /** Stopped by a signal; the report so far is written. */
  interrupted: 130,
} as const

/** Counts results by verdict. */
export class Tally {
  readonly #counts: Record<Verdict, number> = { pass: 0, fail: 0, warn: 0, skip: 0, inconclusive: 0 }

  add(result: Pick<Result, 'verdict'>): void {
    this.#counts[result.verdict]++
  }

  get summary(): Summary {
    return { ...this.#counts }
  }

  get total(): number {
    return verdicts.reduce((sum, verdict) => sum + this.#counts[verdict], 0)
  }
}

/** `12 pass, 1 fail`: the counts that are not zero, or `no case was played`. */
export function countsInWords(summary: Summary): string {
  const parts = verdicts
    .filter((verdict) => summary[verdict] > 0)
    .map((verdict) => `${summary[verdict]} ${verdict}`)
  return parts.length === 0 ? 'no case was played' : parts.join(', ')
}

/** Whether a run played all of its cases. */
export type RunStatus = 'complete' | 'interrupted' | 'timed out'

/**
 * The exit code of a run. A failure takes precedence over cases that could not be judged. Unjudged cases never count
 * as passed: a run in which every case was skipped is unjudged.
 */
export function exitCode(summary: Summary, options: { strict: boolean; ending?: RunStatus }): number {
  if (options.ending === 'interrupted') return exits.interrupted
  if (summary.fail > 0 || (options.strict && summary.warn > 0)) return exits.failed
  if (options.ending === 'timed out' || summary.inconclusive > 0) return exits.unjudged
  return summary.pass + summary.warn > 0 ? exits.ok : exits.unjudged
}

const meanings: Readonly<Record<number, string>> = {
  [exits.ok]: 'nothing failed',
  [exits.failed]: 'the target breaks a requirement',
  [exits.unjudged]: 'nothing failed, but not everything could be judged',
  [exits.interrupted]: 'interrupted; this is the report so far',
}

/** The meaning of an exit code of a run, in words. */
export function exitMeaning(code: number): string {
  return meanings[code] ?? 'the run itself failed'
}
