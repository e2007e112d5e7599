import type { Openings } from '../run/selection/enabling-lines.ts'
import type { Result } from '../run/result.ts'
import type { Requirement } from '../chapters/register/requirement.ts'

/** What is known before the first case is played. */
export interface RunStart {
  /** The target as the user gave it, without credentials. */
  readonly target: string
  /** What a bare URL was taken for, in words; empty when a description said it. */
  readonly took: string
  /** Number of results to come, if nothing interrupts the run. */
  readonly total: number
  /** Version of the kit. */
  readonly version: string
  readonly startedAt: Date
  /** What `--seed` takes to make the same random choices again. */
  readonly seed: string
  readonly abilities: readonly AbilityNote[]
  /** What the cases to come are about, so that a report explains its results even if it is never ended. */
  readonly requirements: readonly Requirement[]
  /** What more of the selected cases could be judged; not in reports of earlier versions. */
  readonly openings?: Openings
}

/** Whether the target has what cases may need, and how that is known. */
export interface AbilityNote {
  readonly need: string
  readonly how: 'declared' | 'found' | 'missing'
  /** The line of the target description that would give it. */
  readonly enable: string
}

/** What is known after the last result. */
export interface RunEnd {
  /** Milliseconds. */
  readonly durationMs: number
  /** True when a signal or `--timeout` ended the run before all cases were played. */
  readonly interrupted: boolean
  /** What the process will end with, so that a report can say what it means. */
  readonly exitCode: number
}

/**
 * Turns results into a document. Called in order: `start`, `result` for each instance as it ends, `end`
 * exactly once, also after an interruption.
 */
export interface Reporter {
  start(run: RunStart): void
  result(result: Result): void
  end(end: RunEnd): void | Promise<void>
}

/** Where a report is written to. */
export interface Output {
  write(text: string): void
  readonly isTTY: boolean
  /** Colours are wanted here. */
  readonly colour: boolean
  /** Width in characters. */
  readonly columns: number
}

export interface ReportSettings {
  /** Name every case, not only those that did not pass. */
  readonly verbose: boolean
  /** Only findings and one last line. */
  readonly quiet?: boolean
}

export interface ReporterFactory {
  /** As written after `--reporter`. */
  readonly name: string
  /** One line for the help text. */
  readonly about: string
  /** What it writes may stand between the lines of another report. */
  readonly mixesWithOthers?: true
  create(out: Output, settings: ReportSettings): Reporter
}
