import { describe, expect, test } from '@jest/globals'
import { blankResult } from '../../runner/run/judge.ts'
import { foldFindings, keepFinding, type Seen, watchedRules } from '../../runner/run/passive.ts'
import type { Result } from '../../runner/run/result.ts'
import type { Case } from '../../runner/spec/chapter.ts'
import { caseOf } from './playing.ts'

const watching = caseOf({ id: 'watching', steps: [{ verb: 'conforms', args: { to: ['one', 'two'] } }] })
const received = {
  at: 1,
  actor: 'other',
  direction: 'received',
  what: 'bytes',
  bytes: new Uint8Array(),
  length: 0,
} as const
const seen: Seen = { by: 'http/drafts/other', rule: 'two', detail: 'a bare CR', transcript: [received] }

function folded(entry: Case, verdict: Result['verdict'], findings: readonly Seen[]): Result {
  const [instance] = entry.instances
  if (instance === undefined) throw new Error('a case has an instance')
  const result: Result = { ...blankResult(entry, instance), verdict }
  return foldFindings(result, findings, [{ entry, instance }])
}

const rules = (steps: readonly object[]): string[] =>
  caseOf({ steps }).instances.flatMap((instance) => watchedRules(instance))

describe('a case that watches the whole run', () => {
  test('fails when another case has seen the rule broken, and says which', () => {
    const result = folded(watching, 'pass', [seen])
    expect(result).toMatchObject({ verdict: 'fail', observed: 'a bare CR (in http/drafts/other)' })
    expect(result.reason).toBe('expected every byte to follow one, two, got a bare CR (in http/drafts/other)')
  })

  test('shows the exchange in which it was broken, not its own', () => {
    expect(folded(watching, 'pass', [seen]).transcript).toEqual([received])
  })

  test('finds one of another case, however many findings there were', () => {
    const all: Seen[] = []
    for (let count = 0; count < 100; count++) keepFinding({ ...seen, by: watching.id }, all)
    for (let count = 0; count < 100; count++) keepFinding({ ...seen, by: `http/drafts/${count}` }, all)
    expect(all.length).toBe(2)
    expect(folded(watching, 'pass', all).observed).toBe('a bare CR (in http/drafts/0)')
  })

  test('only warns of what should be', () => {
    expect(folded({ ...watching, level: 'SHOULD' }, 'pass', [seen]).verdict).toBe('warn')
  })

  test('does not mind findings about other rules', () => {
    expect(folded(watching, 'pass', [{ ...seen, rule: 'three' }]).verdict).toBe('pass')
  })

  test('does not count its own findings twice', () => {
    expect(folded(watching, 'pass', [{ ...seen, by: watching.id }]).verdict).toBe('pass')
  })

  test.each(['fail', 'inconclusive', 'skip'] as const)('stays %s', (verdict) => {
    expect(folded(watching, verdict, [seen])).toMatchObject({ verdict, observed: '' })
  })
})

describe('the rules that are watched', () => {
  test('are one or several', () => {
    expect(rules([{ verb: 'conforms', args: { to: 'one' } }])).toEqual(['one'])
    expect(rules([{ verb: 'conforms', args: { to: ['one', 'two'] } }])).toEqual(['one', 'two'])
  })

  test('are none where the step only prepares, or is another one', () => {
    expect(rules([{ verb: 'conforms', args: { to: 'one' }, given: true }, { verb: 'open' }])).toEqual([])
  })
})
