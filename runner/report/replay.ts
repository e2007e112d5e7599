import type { Result } from '../run/result.ts'
import type { Report, ReportCase } from './report-schema.ts'
import type { Reporter, RunStart } from './reporter.ts'
import { exitCode, Tally } from './summary.ts'

/** The results of a report, as they were when they were written. */
export const resultsOf = (report: Report): Result[] => report.cases.map((one) => resultOf(one, report))

function resultOf(one: ReportCase, { requirements }: Report): Result {
  const { step, known, ...rest } = one
  return {
    ...rest,
    requirements: one.requirements.map((id) => ({
      id,
      protocol: one.protocol,
      ...(requirements[id] ?? { source: '', section: '', level: one.level, text: '', url: '' }),
    })),
    step,
    ...(known === undefined ? {} : { known }),
    transcript: one.transcript.map((entry) => ({ ...entry, bytes: Buffer.from(entry.bytes, 'base64') })),
  }
}

const startOf = ({ openings, ...report }: Report): RunStart => ({
  ...report,
  ...(openings === undefined ? {} : { openings }),
  version: report.kit.version,
  startedAt: new Date(report.startedAt),
})

/** Plays reports into a reporter as if they were one run; gives the exit code. Of results for one instance the last counts. */
export async function replay(
  reports: readonly [Report, ...Report[]],
  reporter: Reporter,
  strict: boolean,
): Promise<number> {
  const results = new Map(
    reports.flatMap(resultsOf).map((result) => [`${result.id} ${result.instance}`, result]),
  )
  const tally = new Tally()
  reporter.start({ ...startOf(reports[0]), total: results.size })
  for (const result of results.values()) {
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
