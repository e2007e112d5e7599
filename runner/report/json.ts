import type { Result } from '../run/result.ts'
import type { Entry } from '../wire/transcript.ts'
import type { Report, ReportCase, ReportRequirement } from './report-schema.ts'
import type { Output, Reporter, ReporterFactory, RunEnd, RunStart } from './reporter.ts'
import { Tally } from './summary.ts'

type ReportEntry = ReportCase['transcript'][number]

/** Microseconds are enough, and keep the report small. */
const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000

function entryOf({ at, actor, direction, what, bytes, length }: Entry): ReportEntry {
  return { at: rounded(at), actor, direction, what, bytes: Buffer.from(bytes).toString('base64'), length }
}

/** One result as it stands in the report. */
export function reportCase(result: Result): ReportCase {
  const { step, ...rest } = result
  return {
    ...rest,
    params: { ...result.params },
    requirements: result.requirements.map((requirement) => requirement.id),
    ...(step === undefined ? {} : { step: { ...step } }),
    durationMs: rounded(result.durationMs),
    transcript: result.transcript.map(entryOf),
  }
}

/** The members of an object without its braces, so that more can follow. */
const members = (value: Partial<Report>): string => JSON.stringify(value).slice(1, -1)

class JsonReporter implements Reporter {
  readonly #out: Output
  readonly #tally = new Tally()
  readonly #requirements = new Map<string, ReportRequirement>()

  constructor(out: Output) {
    this.#out = out
  }

  start(run: RunStart): void {
    const head = members({
      report: 'pushspec/1',
      target: run.target,
      took: run.took,
      startedAt: run.startedAt.toISOString(),
      kit: { version: run.version },
      seed: run.seed,
      total: run.total,
      abilities: run.abilities.map(({ need, how, enable }) => ({ need, how, enable })),
      ...(run.openings === undefined ? {} : { openings: run.openings }),
    })
    this.#out.write(`{${head},\n"cases":[`)
  }

  result(result: Result): void {
    for (const { id, source, section, level, text, url } of result.requirements)
      this.#requirements.set(id, { source, section, level, text, url })
    this.#out.write(`${this.#tally.total === 0 ? '' : ','}\n${JSON.stringify(reportCase(result))}`)
    this.#tally.add(result)
  }

  end(end: RunEnd): void {
    const tail = members({
      requirements: Object.fromEntries(this.#requirements),
      summary: this.#tally.summary,
      durationMs: rounded(end.durationMs),
      interrupted: end.interrupted,
      exitCode: end.exitCode,
    })
    this.#out.write(`\n],\n${tail}}\n`)
  }
}

/** The machine-readable report: one line for each result, written as it comes. */
export const json: ReporterFactory = {
  name: 'json',
  about: 'every result with its transcript, as JSON (specs/schema/report.schema.json)',
  create: (out) => new JsonReporter(out),
}
