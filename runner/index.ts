/**
 * The library: the functions of the command line for programs. `run` plays the cases and yields their results;
 * `loadCases` and `loadTarget` load its input.
 */
import { deadline } from './wire/deadline.ts'
import { loadCases, type SelectionSettings } from './library/cases.ts'
import { reachTarget, type TargetSettings } from './library/target.ts'
import { redactResult } from './report/redact.ts'
import type { Result } from './run/result.ts'
import { run as playCases } from './run/run.ts'

export { countInstances, loadCases, type SelectionSettings } from './library/cases.ts'
export { exitCode, exits, Tally, verdicts } from './report/summary.ts'
export type { Result, Summary, Verdict } from './run/result.ts'
export { SelectionError } from './run/selection/select.ts'
export type { Basis, Case, ChapterHead, Instance, Level, Step } from './chapters/chapter.ts'
export type { Requirement } from './chapters/register/requirement.ts'
export { InputError } from './documents/problems.ts'
export { HookFailed } from './targets/errors/hook-failed.ts'
export type { TargetDescription } from './targets/description/schema.ts'
export { UnexpectedResponse } from './targets/errors/unexpected-response.ts'
export { Unreachable } from './targets/errors/unreachable.ts'
export type { Entry } from './wire/transcript.ts'
export { loadTarget, type LoadOptions } from './targets/load.ts'
export { Target } from './targets/target.ts'

export interface RunSettings extends SelectionSettings, TargetSettings {
  /** Number of instances that are played concurrently (default: 64). */
  readonly concurrency?: number
  /** Factor for every time-out (default: 1). */
  readonly slow?: number
  /** Repeats the random choices of a run with the same seed. */
  readonly seed?: string
  /** Also play the cases that take long. */
  readonly full?: boolean
  /** Ends the run: instances being played become inconclusive, the others give no result. */
  readonly signal?: AbortSignal
}

/**
 * Plays the cases against a server and yields each result as soon as it is known, with secrets redacted. Leaving the
 * loop early ends the run.
 *
 * A fault of the server is a result, never an error.
 * @throws InputError for invalid files, SelectionError for an invalid selection, Unreachable when nothing accepts
 * connections, UnexpectedResponse when a URL does not serve its protocol, HookFailed when the server cannot be started.
 */
export async function* run(settings: RunSettings = {}): AsyncGenerator<Result, void, undefined> {
  const { signal } = settings
  const cases = await loadCases(settings)
  const left = new AbortController()
  const stop = deadline(Infinity, left.signal, ...(signal === undefined ? [] : [signal]))
  try {
    const { target, close } = await reachTarget(settings, stop.signal)
    try {
      for await (const result of playCases({ ...settings, target, cases, signal: stop.signal }))
        yield redactResult(result, target.redactor)
    } finally {
      left.abort()
      await close()
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error
  } finally {
    stop.release()
  }
}
