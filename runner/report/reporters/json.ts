import type { Result } from '../../run/result.ts'
import { reportCase, rounded } from '../json-case.ts'
import { casesEnd, casesStart, type Report } from '../schema.ts'
import type { Output, Reporter, ReporterFactory, RunEnd, RunStart } from '../reporter.ts'
import { Tally } from '../summary.ts'

/** The members of an object without its braces, so that more members can follow. */
const members = (value: Partial<Report>): string => JSON.stringify(value).slice(1, -1)

const described = (requirements: RunStart['requirements']): Report['requirements'] =>
  Object.fromEntries(
    requirements.map(({ id, source, section, level, text, url }) => [
      id,
      { source, section, level, text, url },
    ]),
  )

class JsonReporter implements Reporter {
  readonly #out: Output
  readonly #tally = new Tally()

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
      requirements: described(run.requirements),
      ...(run.openings === undefined ? {} : { openings: run.openings }),
    })
    this.#out.write(`{${head},\n${casesStart}`)
  }

  result(result: Result): void {
    this.#out.write(`${this.#tally.total === 0 ? '' : ','}\n${JSON.stringify(reportCase(result))}`)
    this.#tally.add(result)
  }

  end(end: RunEnd): void {
    const tail = members({
      summary: this.#tally.summary,
      durationMs: rounded(end.durationMs),
      interrupted: end.interrupted,
      exitCode: end.exitCode,
    })
    this.#out.write(`\n${casesEnd}\n${tail}}\n`)
  }
}

/** The machine-readable report: one line for each result, written as soon as it is known. */
export const json: ReporterFactory = {
  name: 'json',
  about: 'every result with its transcript, as JSON (specs/schema/report.schema.json)',
  create: (out) => new JsonReporter(out),
}
