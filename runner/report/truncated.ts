import type { Result, Verdict } from '../run/result.ts'
import { casesEnd, casesStart } from './schema.ts'
import { exits, Tally } from './summary.ts'

/** As much as is needed to bring a report to its end; all else is checked with the report as a whole. */
interface CountedCase {
  readonly verdict: Verdict
  readonly durationMs: Result['durationMs']
}

/**
 * The report of a run that was killed, as far as it had come: its head and the results whose lines are whole.
 * Undefined for a text that is no beginning of a report.
 */
export function completeReport(text: string): unknown {
  const [head = '', opening, ...lines] = text.split('\n')
  const start = opening === casesStart ? parsed(`${head}${casesStart}]}`) : undefined
  if (start === undefined) return undefined
  const end = lines.indexOf(casesEnd)
  const written = (end < 0 ? lines : lines.slice(0, end)).map((line) => parsed(line.replace(/,$/, '')))
  // Only the last line may have been cut off.
  const cases = written.at(-1) === undefined ? written.slice(0, -1) : written
  return cases.every(isCountedCase) ? { ...start, ...reportEnd(cases) } : undefined
}

function reportEnd(cases: readonly CountedCase[]): object {
  const tally = new Tally()
  for (const one of cases) tally.add(one)
  return {
    cases,
    summary: tally.summary,
    // Nobody wrote down when it was killed; it was not before this.
    durationMs: Math.max(0, ...cases.map(({ durationMs }) => durationMs)),
    interrupted: true,
    exitCode: exits.interrupted,
  }
}

const isCountedCase = (value: object | undefined): value is CountedCase =>
  value !== undefined && 'verdict' in value && 'durationMs' in value

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    // The beginning of an object is no JSON: that is how a line shows that it was cut off.
    return undefined
  }
}
