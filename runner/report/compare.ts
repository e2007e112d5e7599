import type { Report, ReportCase } from './schema.ts'
import { instanceName } from './result-text.ts'

/** The verdicts of one instance in two reports. */
export interface Change {
  readonly name: string
  readonly before: ReportCase['verdict'] | undefined
  readonly after: ReportCase['verdict'] | undefined
  readonly reason: string
}

export interface Comparison {
  /** The verdict got worse. */
  readonly regressions: readonly Change[]
  readonly fixes: readonly Change[]
  /** Judged only in the later report. */
  readonly appeared: readonly Change[]
  /** Judged only in the earlier report. */
  readonly gone: readonly Change[]
}

/** From best to worst. An instance that was skipped or is missing was not judged and has no rank. */
const ranks: Readonly<Record<string, number>> = { pass: 0, warn: 1, inconclusive: 2, fail: 3 }
const rank = (verdict: string | undefined): number | undefined => ranks[verdict ?? '']

/** Compares two reports instance by instance. */
export function compare(before: Report, after: Report): Comparison {
  const [old, now] = [byName(before), byName(after)]
  const changes = [...new Set([...old.keys(), ...now.keys()])].toSorted().map((name): Change => ({
    name,
    before: old.get(name)?.verdict,
    after: now.get(name)?.verdict,
    reason: now.get(name)?.reason ?? '',
  }))
  const both = (holds: (from: number, to: number) => boolean) =>
    changes.filter((change) => {
      const [from, to] = [rank(change.before), rank(change.after)]
      return from !== undefined && to !== undefined && holds(from, to)
    })
  return {
    regressions: both((from, to) => to > from),
    fixes: both((from, to) => to < from),
    appeared: changes.filter(
      (change) => rank(change.before) === undefined && rank(change.after) !== undefined,
    ),
    gone: changes.filter((change) => rank(change.before) !== undefined && rank(change.after) === undefined),
  }
}

const byName = ({ cases }: Report): Map<string, ReportCase> =>
  new Map(cases.map((one) => [instanceName(one), one]))
