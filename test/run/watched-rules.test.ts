import { describe, expect, test } from '@jest/globals'
import { blankResult } from '../../runner/run/judge.ts'
import { RunFindings, applyFindings, watchedRules } from '../../runner/run/watched-rules.ts'
import type { Result } from '../../runner/run/result.ts'
import { noneReceived } from '../../runner/steps/stage/received.ts'
import type { Case } from '../../runner/chapters/chapter.ts'
import { caseOf } from './playing.ts'

const watching = caseOf({ id: 'watching', steps: [{ verb: 'conforms', args: { to: ['one', 'two'] } }] })
const exchange: Result['transcript'] = [
  { at: 1, actor: 'request', direction: 'received', what: 'a line', bytes: Buffer.from('\r'), length: 1 },
]
const seen = { by: 'http/drafts/other', rule: 'two', detail: 'a bare CR' }

const oneResponse = { ...noneReceived, response: 1 }

/** RunFindings as the cases make them that have these names. */
function kept(findings: readonly (typeof seen)[]): RunFindings {
  const all = new RunFindings()
  const [instance] = watching.instances
  if (instance === undefined) throw new Error('a case has an instance')
  const result = blankResult(watching, instance)
  for (const { by, ...finding } of findings)
    all.add([finding], oneResponse, { ...result, id: by, transcript: exchange })
  if (findings.length === 0) all.add([], oneResponse, result)
  return all
}

function folded(entry: Case, verdict: Result['verdict'], findings: readonly (typeof seen)[]): Result {
  const [instance] = entry.instances
  if (instance === undefined) throw new Error('a case has an instance')
  const result: Result = { ...blankResult(entry, instance), verdict }
  const [only = result] = applyFindings([result], kept(findings), [{ entry, instance }])
  return only
}

const rules = (steps: readonly object[]): string[] =>
  caseOf({ steps }).instances.flatMap((instance) => watchedRules(instance))

describe('a case that watches the whole run', () => {
  test('fails when another case has seen the rule broken, and says which', () => {
    const result = folded(watching, 'pass', [seen])
    expect(result).toMatchObject({
      verdict: 'fail',
      observed: 'a bare CR (in http/drafts/other)',
      seenIn: 'http/drafts/other',
    })
    expect(result.reason).toBe(
      'expected all received bytes to conform to two, got a bare CR (in http/drafts/other)',
    )
    expect(result.transcript).toBe(exchange)
  })

  test('only warns of what should be', () => {
    expect(folded({ ...watching, level: 'SHOULD' }, 'pass', [seen]).verdict).toBe('warn')
  })

  test('tells it once, in the first instance that has passed', () => {
    const three = caseOf({
      id: 'watching',
      instances: ['one', 'two', 'three'],
      steps: [{ verb: 'conforms', args: { to: 'two' } }],
    })
    const chosen = three.instances.map((instance) => ({ entry: three, instance }))
    const results = chosen.map(({ entry, instance }): Result => ({
      ...blankResult(entry, instance),
      verdict: instance.name === 'one' ? 'warn' : 'pass',
    }))
    const verdicts = applyFindings(results.toReversed(), kept([seen]), chosen).map((one) => [
      one.instance,
      one.verdict,
    ])
    expect(verdicts).toEqual([
      ['one', 'warn'],
      ['two', 'fail'],
      ['three', 'pass'],
    ])
  })

  test('leaves it to an instance that has failed by itself', () => {
    const two = caseOf({
      instances: ['one', 'two'],
      steps: [{ verb: 'conforms', args: { to: 'two' } }],
    })
    const chosen = two.instances.map((instance) => ({ entry: two, instance }))
    const results = chosen.map(({ entry, instance }): Result => ({
      ...blankResult(entry, instance),
      verdict: instance.name === 'two' ? 'fail' : 'pass',
    }))
    const verdicts = applyFindings(results, kept([seen]), chosen).map(({ verdict }) => verdict)
    expect(verdicts).toEqual(['pass', 'fail'])
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

describe('a case that watches the run passes', () => {
  test('with the number of things that could have broken its rule', () => {
    expect(folded(watching, 'pass', [])).toMatchObject({
      verdict: 'pass',
      evidence: 'no violation in 1 response of this run',
    })
  })

  test('only if one was received', () => {
    const framed = caseOf({ id: 'watching', steps: [{ verb: 'conforms', args: { to: 'ws-rsv-sent-zero' } }] })
    expect(folded(framed, 'pass', [])).toMatchObject({
      verdict: 'inconclusive',
      reason: 'nothing was seen: no frame was received',
    })
  })
})
