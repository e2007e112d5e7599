import type { Result, Verdict } from '../run/result.ts'
import { casesEnd, casesStart } from './schema.ts'
import { exits, Tally } from './summary.ts'

/** The members that the end of a report depends on; `readReport` checks the rest. */
interface CountedCase {
  readonly verdict: Verdict
  readonly durationMs: Result['durationMs']
}

/**
 * Completes the JSON report of a run that was killed: keeps the head and every complete line of a result, and adds the
 * end. Undefined for a text that is not the beginning of a report.
 */
export function completeReport(text: string): unknown {
  const [head = '', opening, ...lines] = text.split('\n')
  const start = opening === casesStart ? parsed(`${head}${casesStart}]}`) : undefined
  if (start === undefined) return undefined
  const end = lines.indexOf(casesEnd)
  const written = (end < 0 ? lines : lines.slice(0, end)).map((line) => parsed(line.replace(/,$/, '')))
  // Only the last line may be incomplete.
  const cases = written.at(-1) === undefined ? written.slice(0, -1) : written
  return cases.every(isCountedCase) ? { ...start, ...reportEnd(cases) } : undefined
}

function reportEnd(cases: readonly CountedCase[]): object {
  const tally = new Tally()
  for (const one of cases) tally.add(one)
  return {
    cases,
    summary: tally.summary,
    // The time at which the run was killed is unknown; it played at least this long.
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
    // An incomplete line is not valid JSON.
    return undefined
  }
}
