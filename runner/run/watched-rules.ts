import type { Case, Instance } from '../chapters/chapter.ts'
import type { Finding } from '../wire/finding.ts'
import type { Result } from './result.ts'

/** The rules whose violations an instance reports for the whole run. */
export const watchedRules = (instance: Instance): string[] =>
  instance.steps
    .filter(({ verb, given }) => verb === 'conforms' && !given)
    .flatMap(({ args }) => [(args as { to: string | string[] }).to].flat())

/** A finding, and the result of the case in which it was made. */
interface CaseFinding extends Finding {
  readonly result: Result
}

/** The findings of a run: for each rule enough to name a case other than the one that is about the rule. */
export class RunFindings {
  readonly #byRule = new Map<string, CaseFinding[]>()

  add(findings: readonly Finding[], result: Result): void {
    for (const finding of findings) {
      const seen = this.#byRule.get(finding.rule) ?? []
      if (seen.length < 2 && seen[0]?.result.id !== result.id) seen.push({ ...finding, result })
      this.#byRule.set(finding.rule, seen)
    }
  }

  /** The first finding about one of these rules in a case other than `id`. */
  elsewhere(rules: readonly string[], id: string): CaseFinding | undefined {
    return rules.flatMap((rule) => this.#byRule.get(rule) ?? []).find(({ result }) => result.id !== id)
  }
}

interface PlayedInstance {
  readonly entry: Case
  readonly instance: Instance
}

interface Watching {
  readonly result: Result
  readonly rules: readonly string[]
}

const keyOf = (id: string, instance: string): string => `${id} ${instance}`

/**
 * A case that watches a rule also fails if the rule was broken in any other case, because the grammar binds every byte.
 * Of the instances that watch the same rules only one reports it: the first, unless one has failed by itself.
 */
export function applyFindings(
  results: readonly Result[],
  findings: RunFindings,
  played: readonly PlayedInstance[],
): Result[] {
  const byKey = new Map(results.map((result) => [keyOf(result.id, result.instance), result]))
  const watching = played.flatMap(({ entry, instance }) => {
    const result = byKey.get(keyOf(entry.id, instance.name))
    return result === undefined ? [] : [{ result, rules: watchedRules(instance) }]
  })
  const reportKey = ({ result, rules }: Watching): string => keyOf(result.id, rules.join(' '))
  const reported = new Set(watching.filter(({ result }) => result.verdict === 'fail').map(reportKey))
  return watching.map((one) => {
    const { result, rules } = one
    const seen = findings.elsewhere(rules, result.id)
    if (seen === undefined || result.verdict !== 'pass' || reported.has(reportKey(one))) return result
    reported.add(reportKey(one))
    return failedElsewhere(result, seen)
  })
}

function failedElsewhere(result: Result, { rule, detail, result: other }: CaseFinding): Result {
  const expected = `all received bytes to conform to ${rule}`
  const observed = `${detail} (in ${other.id})`
  return {
    ...result,
    verdict: result.level === 'MUST' ? 'fail' : 'warn',
    expected,
    observed,
    reason: `expected ${expected}, observed: ${observed}`,
    // The exchange of this case does not show the violation.
    transcript: other.transcript,
  }
}
