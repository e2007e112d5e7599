import type { Case, Instance } from '../spec/chapter.ts'
import type { Finding } from '../wire/observation.ts'
import type { Result } from './result.ts'

/** The rules that an instance watches on the wire of the whole run. */
export const watchedRules = (instance: Instance): string[] =>
  instance.steps
    .filter(({ verb, given }) => verb === 'conforms' && !given)
    .flatMap(({ args }) => [(args as { to: string | string[] }).to].flat())

/** A finding, and the result of the case in which it was made. */
interface Seen extends Finding {
  readonly result: Result
}

/** What the cases of a run have seen; of each rule enough to name another case than the one that is about it. */
export class Findings {
  readonly #seen = new Map<string, Seen[]>()

  add(findings: readonly Finding[], result: Result): void {
    for (const finding of findings) {
      const seen = this.#seen.get(finding.rule) ?? []
      if (seen.length < 2 && seen[0]?.result.id !== result.id) seen.push({ ...finding, result })
      this.#seen.set(finding.rule, seen)
    }
  }

  /** The first time that one of these rules was broken in another case than `id`. */
  elsewhere(rules: readonly string[], id: string): Seen | undefined {
    return rules.flatMap((rule) => this.#seen.get(rule) ?? []).find(({ result }) => result.id !== id)
  }
}

/** A case that watches a rule also fails when any other case has seen it broken: the grammar binds every byte. */
export function foldFindings(
  result: Result,
  findings: Findings,
  played: readonly { entry: Case; instance: Instance }[],
): Result {
  if (result.verdict !== 'pass') return result
  const own = played.find(
    ({ entry, instance }) => entry.id === result.id && instance.name === result.instance,
  )
  const rules = own === undefined ? [] : watchedRules(own.instance)
  const seen = findings.elsewhere(rules, result.id)
  if (seen === undefined) return result
  const expected = `every byte to follow ${rules.join(', ')}`
  const observed = `${seen.detail} (in ${seen.result.id})`
  return {
    ...result,
    verdict: result.level === 'MUST' ? 'fail' : 'warn',
    expected,
    observed,
    reason: `expected ${expected}, got ${observed}`,
    transcript: seen.result.transcript,
  }
}
