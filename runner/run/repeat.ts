import type { Result } from './result.ts'

/** Ends a run after the first failure that is not in the baseline. */
export async function* untilFailure(results: AsyncIterable<Result>): AsyncGenerator<Result> {
  for await (const result of results) {
    yield result
    if (result.verdict === 'fail' && result.known === undefined) return
  }
}

/**
 * Plays a run several times. Each instance gives one result: the last one, or `inconclusive` if its verdicts differ, since
 * then none of them is reliable.
 */
export async function* repeated(times: number, play: () => AsyncIterable<Result>): AsyncGenerator<Result> {
  const seen = new Map<string, Result[]>()
  for (let time = 1; time <= times; time++) {
    for await (const result of play()) {
      const key = `${result.id} ${result.instance}`
      seen.set(key, [...(seen.get(key) ?? []), time < times ? { ...result, transcript: [] } : result])
    }
  }
  for (const results of seen.values()) yield settled(results)
}

function settled(results: readonly Result[]): Result {
  const last = results.at(-1) as Result
  if (new Set(results.map(({ verdict }) => verdict)).size === 1) return last
  const verdicts = results.map(({ verdict }) => verdict).join(', ')
  return {
    ...last,
    verdict: 'inconclusive',
    reason: `the verdict changed from run to run: ${verdicts}; ${last.reason}`,
  }
}
