/**
 * The library: what the command line does, for programs. `run` plays the cases and gives their results as they
 * come; `loadCases` and `loadTarget` give what it works with.
 */
import { countInstances, loadCases as casesOf } from './library/cases.ts'
import { type Reached, reach, type Surroundings } from './library/reach.ts'
import { redactor } from './report/redact.ts'
import type { Result } from './run/result.ts'
import { run as playCases } from './run/run.ts'
import type { Case, Level } from './chapters/chapter.ts'
import { loadTarget, type LoadOptions } from './targets/load.ts'
import { Target } from './targets/target.ts'
import { bound } from './wire/bound.ts'

export { UsageError } from './cli/errors.ts'
export { exitCode, exits, Tally, verdicts } from './report/summary.ts'
export type { Result, Summary, Verdict } from './run/result.ts'
export { SelectionError } from './run/selection/select.ts'
export type { Basis, Case, ChapterHead, Instance, Level, Step } from './chapters/chapter.ts'
export type { Requirement } from './chapters/register/requirement.ts'
export { InputError } from './documents/source.ts'
export { HookFailed } from './targets/errors/hook-failed.ts'
export type { TargetDescription } from './targets/description/schema.ts'
export { UnexpectedResponse } from './targets/errors/unexpected-response.ts'
export { Unreachable } from './targets/errors/unreachable.ts'
export type { Entry } from './wire/transcript.ts'
export { countInstances, loadTarget, type LoadOptions, Target }

/** Which cases; everything where nothing is said. */
export interface SelectionSettings {
  /** Addresses: a protocol, a chapter or a case (`websocket/closing`). */
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  /** This level and stricter ones. */
  readonly level?: Level
  /** Folders with more chapters, laid out like `specs/`. */
  readonly specs?: readonly string[]
}

export interface RunSettings extends SelectionSettings {
  /**
   * A URL (http, https, ws, wss), the path of a target description, or a target that is loaded already and then
   * stays open. Without it the bundled reference server is played against.
   */
  readonly target?: string | Target
  /** Header fields for every request, on top of those of the description. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** Do not check the certificate of the target. */
  readonly insecure?: boolean
  /** A file with certificates to trust (PEM). */
  readonly ca?: string
  /** A command that starts the server, which is stopped at the end, and the path that answers 2xx when it is ready. */
  readonly start?: string
  readonly ready?: string
  /** Where `${env.NAME}` of the description comes from (default: the environment of this process). */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Instances side by side (default: 64). */
  readonly concurrency?: number
  /** Factor for every bound on time (default: 1). */
  readonly slow?: number
  /** Makes what is random come out the same. */
  readonly seed?: string
  /** Also the cases that take long. */
  readonly full?: boolean
  /** Ends the run; what was being played is then inconclusive, and what was not begun gives no result. */
  readonly signal?: AbortSignal
}

const surroundings = (env: RunSettings['env']): Surroundings => ({
  cwd: process.cwd(),
  env: env ?? process.env,
  stderr: process.stderr,
})

/**
 * The cases of the kit and of `specs`, as far as they are selected.
 * @throws InputError for a chapter that is not right, SelectionError for a selection that holds nothing.
 */
export function loadCases(settings: SelectionSettings = {}): Promise<Case[]> {
  return casesOf(settings, { cwd: process.cwd() })
}

async function reached(settings: RunSettings, signal: AbortSignal): Promise<Reached> {
  const { target, headers, insecure, ca, start, ready, env } = settings
  if (target instanceof Target) return { target, name: target.name, close: async () => undefined }
  const flags = {
    ...(headers === undefined ? {} : { header: headers }),
    ...(insecure === undefined ? {} : { insecure }),
    ...(ca === undefined ? {} : { ca }),
    ...(start === undefined ? {} : { start }),
    ...(ready === undefined ? {} : { ready }),
  }
  return reach(target, flags, surroundings(env), signal)
}

/**
 * Plays the cases against a server; results come as they are known, without the secrets of the description.
 * Leaving the loop early ends the run.
 *
 * @throws InputError, SelectionError or UsageError for what was asked, Unreachable when nothing answers,
 * UnexpectedResponse when a URL is not what it was given for, HookFailed when the server cannot be started. What a server does wrong is a result, never an error.
 */
export async function* run(settings: RunSettings = {}): AsyncGenerator<Result, void, undefined> {
  const { concurrency, slow, seed, full, signal } = settings
  const cases = await loadCases(settings)
  const left = new AbortController()
  const stop = bound(Infinity, left.signal, ...(signal === undefined ? [] : [signal]))
  try {
    const { target, close } = await reached(settings, stop.signal)
    try {
      const redact = redactor(target.secrets)
      const options = {
        ...(concurrency === undefined ? {} : { concurrency }),
        ...(slow === undefined ? {} : { slow }),
        ...(seed === undefined ? {} : { seed }),
        ...(full === undefined ? {} : { full }),
      }
      for await (const result of playCases({ target, cases, ...options, signal: stop.signal }))
        yield redact(result)
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
