import type { Case, Instance } from '../spec/chapter.ts'
import type { Result } from './result.ts'

/** The rules that an instance watches on the wire of the whole run. */
export const watchedRules = (instance: Instance): string[] =>
  instance.steps
    .filter(({ verb, given }) => verb === 'conforms' && !given)
    .flatMap(({ args }) => [(args as { to: string | string[] }).to].flat())

/** A finding, and the case in which it was made. */
interface Seen {
  readonly by: string
  readonly rule: string
  readonly detail: string
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
  findings: readonly Seen[],
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
    const seen = findings.find(({ rule, by }) => rules.includes(rule) && by !== result.id)
    if (seen === undefined || result.verdict !== 'pass' || told.has(telling(one))) return result
    told.add(telling(one))
    return broken(result, `every byte to follow ${seen.rule}`, `${seen.detail} (in ${seen.by})`)
  })
}

const broken = (result: Result, expected: string, observed: string): Result => ({
  ...result,
  verdict: result.level === 'MUST' ? 'fail' : 'warn',
  expected,
  observed,
  reason: `expected ${expected}, got ${observed}`,
})
