import type { Case, Instance } from '../chapters/chapter.ts'
import {
  addReceived,
  noneReceived,
  type ReceivedKind,
  type ReceivedCounts,
  receivedKindOf,
} from '../steps/stage/received.ts'
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
  #received = noneReceived

  /** Adds what was received in a case, and what of it broke a rule. */
  add(findings: readonly Finding[], received: ReceivedCounts, result: Result): void {
    this.#received = addReceived(this.#received, received)
    for (const finding of findings) {
      const seen = this.#byRule.get(finding.rule) ?? []
      if (seen.length < 2 && seen[0]?.result.id !== result.id) seen.push({ ...finding, result })
      this.#byRule.set(finding.rule, seen)
    }
  }

  /** How many things were received that could have broken one of these rules. */
  seen(rules: readonly string[]): { readonly kind: ReceivedKind; readonly count: number } {
    const received = rules.map((rule) => receivedKindOf(rule))
    const counted = received.map((kind) => ({ kind, count: this.#received[kind] }))
    return counted.toSorted((a, b) => b.count - a.count)[0] ?? { kind: 'response', count: 0 }
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
    if (result.verdict !== 'pass') return result
    if (seen === undefined || reported.has(reportKey(one))) return withEvidence(result, findings.seen(rules))
    reported.add(reportKey(one))
    return failedElsewhere(result, seen)
  })
}

/** A rule is kept only where something was received that could have broken it. */
function withEvidence(result: Result, { kind, count }: ReturnType<RunFindings['seen']>): Result {
  if (count === 0)
    return { ...result, verdict: 'inconclusive', reason: `nothing was seen: no ${kind} was received` }
  return { ...result, evidence: `no violation in ${count} ${kind}${count === 1 ? '' : 's'} of this run` }
}

function failedElsewhere(result: Result, { rule, detail, result: other }: CaseFinding): Result {
  const expected = `all received bytes to conform to ${rule}`
  const observed = `${detail} (in ${other.id})`
  return {
    ...result,
    verdict: result.level === 'MUST' ? 'fail' : 'warn',
    expected,
    observed,
    reason: `expected ${expected}, got ${observed}`,
    seenIn: other.instance === '' ? other.id : `${other.id} [${other.instance}]`,
    // The exchange of this case does not show the violation.
    transcript: other.transcript,
  }
}
