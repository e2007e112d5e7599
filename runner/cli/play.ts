import { redactor, textRedactor } from '../report/redact.ts'
import type { Reporter, RunStart } from '../report/reporter.ts'
import { type Ending, exitCode, Tally } from '../report/summary.ts'
import type { Result } from '../run/result.ts'
import { exitCodeOf } from './errors.ts'

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

function redactedStart(start: RunStart, secrets: readonly string[]): RunStart {
  const text = textRedactor(secrets)
  const abilities = start.abilities.map((ability) => ({ ...ability, enable: text(ability.enable) }))
  return { ...start, target: text(start.target), took: text(start.took), abilities }
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
    tally.add(result)
    reporter.result(redact(result))
  }
  const thrown = await collect(results, take, stop.signal)
  const code =
    thrown === undefined ? exitCode(tally.summary, { strict, ending: stop.ending }) : exitCodeOf(thrown.error)
  const interrupted = thrown !== undefined || stop.ending !== 'complete'
  await reporter.end({ durationMs: performance.now() - startedAt, interrupted, exitCode: code })
  if (thrown !== undefined) throw thrown.error
  return code
}
