import type { Report, ReportCase } from './schema.ts'
import { instanceName } from './result-text.ts'

/** What became of one instance from one report to another. */
export interface Change {
  readonly name: string
  readonly before: ReportCase['verdict'] | undefined
  readonly after: ReportCase['verdict'] | undefined
  readonly reason: string
}

export interface Comparison {
  /** Was better before. */
  readonly regressions: readonly Change[]
  readonly fixes: readonly Change[]
  /** Judged now and not before, or the other way round. */
  readonly appeared: readonly Change[]
  readonly gone: readonly Change[]
}

/** From best to worst; what was skipped or is not there was not judged. */
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
