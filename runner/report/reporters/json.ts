import type { Result } from '../../run/result.ts'
import type { Entry } from '../../wire/transcript.ts'
import type { Report, ReportCase, ReportEntry } from '../schema.ts'
import { isFinding } from '../result-text.ts'
import type { Output, Reporter, ReporterFactory, RunEnd, RunStart } from '../reporter.ts'
import { Tally } from '../summary.ts'

/** Microseconds are enough, and keep the report small. */
const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** An entry; what it takes to do it again stands only where that is of use: with a finding. */
function entryOf(entry: Entry, isKept: boolean): ReportEntry {
  const { at, actor, direction, what, bytes, length, pieces, ...deed } = entry
  const shown = { at: rounded(at), actor, direction, what, bytes: base64(bytes), length }
  if (!isKept) return entry.act === 'ask' ? { ...shown, bytes: '', length: 0 } : shown
  const all = pieces?.map((piece) => ({ ...piece, bytes: base64(piece.bytes) }))
  return { ...shown, ...deed, ...(all && { pieces: all }) }
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
    transcript: result.transcript.map((entry) => entryOf(entry, isFinding(result))),
  }
}

/** The members of an object without its braces, so that more can follow. */
const members = (value: Partial<Report>): string => JSON.stringify(value).slice(1, -1)

/** The lines around those of the results: how `completed` finds them in a report that was cut off. */
export const casesLine = '"cases":['
export const casesEnd = '],'

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
    this.#out.write(`{${head},\n${casesLine}`)
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

/** The machine-readable report: one line for each result, written as it comes. */
export const json: ReporterFactory = {
  name: 'json',
  about: 'every result with its transcript, as JSON (specs/schema/report.schema.json)',
  create: (out) => new JsonReporter(out),
}
