import type { Baseline } from '../../report/baseline.ts'
import { redactor, textRedactor } from '../../report/redact.ts'
import type { Reporter, RunStart } from '../../report/reporter.ts'
import { type Ending, exitCode, exits, Tally } from '../../report/summary.ts'
import type { Openings } from '../../run/selection/enabling-lines.ts'
import type { Result } from '../../run/result.ts'
import { exitCodeOf } from '../errors.ts'

/** What ends a run early, as far as playing it needs to know. */
export interface Stop {
  readonly signal: AbortSignal
  readonly ending: Ending
}

export interface PlayOptions {
  readonly start: RunStart
  readonly reporter: Reporter
  readonly strict: boolean
  /** Texts that no report may show. */
  readonly secrets: readonly string[]
  readonly stop: Stop
  readonly baseline?: BaselineUse | undefined
}

/** Known failures, and what is done about entries that are not needed any more. */
export interface BaselineUse {
  readonly baseline: Baseline
  /** Every case was played. */
  readonly isWhole: boolean
  readonly update: boolean
  readonly say: (line: string) => void
}

/** What threw, or undefined when the results came to their end or were interrupted. */
async function collect(
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

function redactedOpenings(openings: Openings, text: (line: string) => string): Openings {
  const hide = (all: Openings['all']) => all.map((one) => ({ ...one, line: text(one.line) }))
  return { ...openings, best: hide(openings.best), all: hide(openings.all) }
}

function redactedStart(start: RunStart, secrets: readonly string[]): RunStart {
  const text = textRedactor(secrets)
  const abilities = start.abilities.map((ability) => ({ ...ability, enable: text(ability.enable) }))
  const { openings } = start
  return {
    ...start,
    target: text(start.target),
    took: text(start.took),
    abilities,
    ...(openings === undefined ? {} : { openings: redactedOpenings(openings, text) }),
  }
}

/**
 * Hands the results to the reporter as they come and gives the exit code. However the run ends, also when
 * `results` throws, the report is brought to its end first.
 */
export async function playInto(results: AsyncIterable<Result>, options: PlayOptions): Promise<number> {
  const { reporter, stop, strict, secrets } = options
  const startedAt = performance.now()
  const tally = new Tally()
  const redact = redactor(secrets)
  reporter.start(redactedStart(options.start, secrets))
  const take = (result: Result): void => {
    const applied = options.baseline?.baseline.apply(result) ?? result
    tally.add(applied.known === undefined ? applied : { verdict: 'pass' })
    reporter.result(redact(applied))
  }
  const thrown = await collect(results, take, stop.signal)
  const interrupted = thrown !== undefined || stop.ending !== 'complete'
  const judged =
    thrown === undefined ? exitCode(tally.summary, { strict, ending: stop.ending }) : exitCodeOf(thrown.error)
  const isStale = !interrupted && (await settle(options.baseline))
  const code = isStale && judged !== exits.usage ? exits.failed : judged
  await reporter.end({ durationMs: performance.now() - startedAt, interrupted, exitCode: code })
  if (thrown !== undefined) throw thrown.error
  return code
}

/** Says which entries of the baseline have to go, or takes them out. True when some still stand in it. */
async function settle(use: BaselineUse | undefined): Promise<boolean> {
  if (use === undefined) return false
  const stale = use.baseline.stale(use)
  if (use.update) await use.baseline.remove(stale)
  for (const { message } of stale) use.say(use.update ? `${message} (done)` : message)
  return stale.length > 0 && !use.update
}
