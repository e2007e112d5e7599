import type { Case, Instance } from '../chapters/chapter.ts'
import type { Finding } from '../wire/finding.ts'
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

/** What was played. */
interface Chosen {
  readonly entry: Case
  readonly instance: Instance
}

interface Watching {
  readonly result: Result
  readonly rules: readonly string[]
}

const keyOf = (id: string, instance: string): string => `${id} ${instance}`

/**
 * A case that watches a rule also fails when any other case has seen it broken: the grammar binds every byte. Of the
 * instances that watch the same rules the first one tells it, if none has failed by itself.
 */
export function foldFindings(
  results: readonly Result[],
  findings: Findings,
  played: readonly Chosen[],
): Result[] {
  const byKey = new Map(results.map((result) => [keyOf(result.id, result.instance), result]))
  const watching = played.flatMap(({ entry, instance }) => {
    const result = byKey.get(keyOf(entry.id, instance.name))
    return result === undefined ? [] : [{ result, rules: watchedRules(instance) }]
  })
  const telling = ({ result, rules }: Watching): string => keyOf(result.id, rules.join(' '))
  const told = new Set(watching.filter(({ result }) => result.verdict === 'fail').map(telling))
  return watching.map((one) => {
    const { result, rules } = one
    const seen = findings.elsewhere(rules, result.id)
    if (seen === undefined || result.verdict !== 'pass' || told.has(telling(one))) return result
    told.add(telling(one))
    return broken(result, seen)
  })
}

function broken(result: Result, { rule, detail, result: other }: Seen): Result {
  const expected = `every byte to follow ${rule}`
  const observed = `${detail} (in ${other.id})`
  return {
    ...result,
    verdict: result.level === 'MUST' ? 'fail' : 'warn',
    expected,
    observed,
    reason: `expected ${expected}, got ${observed}`,
    // Its own exchange shows nothing of it.
    transcript: other.transcript,
  }
}
