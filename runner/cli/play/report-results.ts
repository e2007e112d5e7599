import type { Baseline } from '../../report/baseline.ts'
import { redactResult, redactStart } from '../../report/redact.ts'
import type { Reporter, RunStart } from '../../report/reporter.ts'
import { type RunStatus, exitCode, exits, Tally } from '../../report/summary.ts'
import type { Result } from '../../run/result.ts'
import type { Redactor } from '../../text/redact.ts'
import { exitCodeOf } from '../errors.ts'

/** Whether and why a run ends early; an `Interruption` is assignable. */
export interface RunStop {
  readonly signal: AbortSignal
  readonly status: RunStatus
}

export interface ReportOptions {
  readonly start: RunStart
  readonly reporter: Reporter
  readonly strict: boolean
  readonly redactor: Redactor
  readonly stop: RunStop
  readonly baseline?: BaselineUse | undefined
}

/** Known failures, and what to do about entries that the run did not need. */
export interface BaselineUse {
  readonly baseline: Baseline
  /** Whether every case is played. */
  readonly isWhole: boolean
  readonly update: boolean
  readonly say: (line: string) => void
}

/** Calls `take` for each result. Returns the error that ended the results; an abort of `signal` is no error. */
async function forEachResult(
  results: AsyncIterable<Result>,
  take: (result: Result) => void,
  signal: AbortSignal,
): Promise<{ error: unknown } | undefined> {
  try {
    for await (const result of results) take(result)
    return undefined
  } catch (error) {
    const isAbort =
      signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
    return isAbort ? undefined : { error }
  }
}

/**
 * Passes each result to the reporter and returns the exit code. Ends the report in any case, also if `results`
 * throws.
 */
export async function reportResults(results: AsyncIterable<Result>, options: ReportOptions): Promise<number> {
  const { reporter, stop, strict, redactor } = options
  const startedAt = performance.now()
  const tally = new Tally()
  reporter.start(redactStart(options.start, redactor))
  const take = (result: Result): void => {
    const applied = options.baseline?.baseline.apply(result) ?? result
    tally.add(applied.known === undefined ? applied : { verdict: 'pass' })
    reporter.result(redactResult(applied, redactor))
  }
  const thrown = await forEachResult(results, take, stop.signal)
  const interrupted = thrown !== undefined || stop.status !== 'complete'
  const judged =
    thrown === undefined ? exitCode(tally.summary, { strict, ending: stop.status }) : exitCodeOf(thrown.error)
  const isStale = !interrupted && (await reportStaleEntries(options.baseline))
  const code = isStale && judged !== exits.usage ? exits.failed : judged
  await reporter.end({ durationMs: performance.now() - startedAt, interrupted, exitCode: code })
  if (thrown !== undefined) throw thrown.error
  return code
}

/** Reports or removes the entries of the baseline that were not needed. True if such entries remain. */
async function reportStaleEntries(use: BaselineUse | undefined): Promise<boolean> {
  if (use === undefined) return false
  const stale = use.baseline.stale(use)
  if (use.update) await use.baseline.remove(stale)
  for (const { message } of stale) use.say(use.update ? `${message} (done)` : message)
  return stale.length > 0 && !use.update
}
