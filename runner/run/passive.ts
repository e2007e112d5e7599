import type { Case, Instance } from '../spec/chapter.ts'
import type { Result } from './result.ts'

/** The rules that an instance watches on the wire of the whole run. */
export const watchedRules = (instance: Instance): string[] =>
  instance.steps
    .filter(({ verb, given }) => verb === 'conforms' && !given)
    .flatMap(({ args }) => [(args as { to: string | string[] }).to].flat())

/** A finding, the case in which it was made, and what was on the wire then. */
export interface Seen {
  readonly by: string
  readonly transcript: Result['transcript']
  readonly rule: string
  readonly detail: string
}

/** Keeps what is needed to fail every case that watches the rule: it must have been seen by another case. */
export function keepFinding(seen: Seen, all: Seen[]): void {
  const same = all.filter(({ rule }) => rule === seen.rule)
  if (same.length < 2 && same.every(({ by }) => by !== seen.by)) all.push(seen)
}

/** A case that watches a rule also fails when any other case has seen it broken: the grammar binds every byte. */
export function foldFindings(
  result: Result,
  findings: readonly Seen[],
  played: readonly { entry: Case; instance: Instance }[],
): Result {
  if (result.verdict !== 'pass') return result
  const own = played.find(
    ({ entry, instance }) => entry.id === result.id && instance.name === result.instance,
  )
  const rules = own === undefined ? [] : watchedRules(own.instance)
  const seen = findings.find(({ rule, by }) => rules.includes(rule) && by !== result.id)
  if (seen === undefined) return result
  const expected = `every byte to follow ${rules.join(', ')}`
  const observed = `${seen.detail} (in ${seen.by})`
  return {
    ...result,
    verdict: result.level === 'MUST' ? 'fail' : 'warn',
    expected,
    observed,
    reason: `expected ${expected}, got ${observed}`,
    // Its own exchange shows nothing of it.
    transcript: seen.transcript,
  }
}
