import type { EnablingLines } from '../run/selection/enabling-lines.ts'
import type { Result } from '../run/result.ts'
import type { Requirement } from '../chapters/register/requirement.ts'

/** Everything that is known before the first case is played. */
export interface RunStart {
  /** The target as the user gave it, without credentials. */
  readonly target: string
  /** For a bare URL: the detected protocol, in words; empty for a target description. */
  readonly took: string
  /** Number of results of an uninterrupted run. */
  readonly total: number
  /** Version of the kit. */
  readonly version: string
  readonly startedAt: Date
  /** The value of `--seed` that repeats the random choices of this run. */
  readonly seed: string
  readonly abilities: readonly AbilityNote[]
  /** The requirements of all cases of the run, written first so that a truncated report is complete in itself. */
  readonly requirements: readonly Requirement[]
  /** Lines of the description that would enable more of the selected cases; missing in reports of earlier versions. */
  readonly openings?: EnablingLines
}

/** Whether the target has a capability that cases need, and how that is known. */
export interface AbilityNote {
  readonly need: string
  readonly how: 'declared' | 'found' | 'missing'
  /** The line of the target description that declares the capability. */
  readonly enable: string
}

/** Everything that is known after the last result. */
export interface RunEnd {
  /** Milliseconds. */
  readonly durationMs: number
  /** True when a signal or `--timeout` ended the run before all cases were played. */
  readonly interrupted: boolean
  /** The exit code of the process, so that a report can explain it. */
  readonly exitCode: number
}

/**
 * ChannelAccess results into a document. Called in order: `start`, `result` for each instance as it ends, `end`
 * exactly once, also after an interruption.
 */
export interface Reporter {
  start(run: RunStart): void
  result(result: Result): void
  end(end: RunEnd): void | Promise<void>
}

/** The destination of a report. */
export interface Output {
  write(text: string): void
  readonly isTTY: boolean
  /** Whether to use colours. */
  readonly colour: boolean
  /** Width in characters. */
  readonly columns: number
}

export interface ReportSettings {
  /** List every case, not only those that did not pass. */
  readonly verbose: boolean
  /** Show only findings and one summary line. */
  readonly quiet?: boolean
}

export interface ReporterFactory {
  /** As written after `--reporter`. */
  readonly name: string
  /** One line for the help text. */
  readonly about: string
  /** Its output may be mixed with the lines of another report. */
  readonly mixesWithOthers?: true
  create(out: Output, settings: ReportSettings): Reporter
}
