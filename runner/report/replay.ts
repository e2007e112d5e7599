import type { Result } from '../run/result.ts'
import { resultOf } from './json-case.ts'
import type { Report } from './schema.ts'
import type { Reporter, RunStart } from './reporter.ts'
import { exitCode, Tally } from './summary.ts'

/** All results of a report. */
export const resultsOf = (report: Report): Result[] => report.cases.map((one) => resultOf(one, report))

const runStartOf = ({ openings, ...report }: Report, results: readonly Result[]): RunStart => ({
  ...report,
  ...(openings === undefined ? {} : { openings }),
  requirements: results.flatMap(({ requirements }) => requirements),
  version: report.kit.version,
  startedAt: new Date(report.startedAt),
})

/**
 * Passes the results of several reports to a reporter as if they came from one run, and returns the exit code. Of
 * several results for one instance the last counts.
 */
export async function replay(
  reports: readonly [Report, ...Report[]],
  reporter: Reporter,
  strict: boolean,
): Promise<number> {
  const byInstance = new Map(
    reports.flatMap(resultsOf).map((result) => [`${result.id} ${result.instance}`, result]),
  )
  const results = [...byInstance.values()]
  const unplayed = reports.reduce((sum, { total, cases }) => sum + total - cases.length, 0)
  const tally = new Tally()
  reporter.start({ ...runStartOf(reports[0], results), total: results.length + unplayed })
  for (const result of results) {
    tally.add(result.known === undefined ? result : { verdict: 'pass' })
    reporter.result(result)
  }
  const interrupted = reports.some((report) => report.interrupted)
  const code = exitCode(tally.summary, { strict, ending: interrupted ? 'timed out' : 'complete' })
  await reporter.end({
    durationMs: Math.max(...reports.map(({ durationMs }) => durationMs)),
    interrupted,
    exitCode: code,
  })
  return code
}
