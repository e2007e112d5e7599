import { describe, expect, test } from '@jest/globals'
import type { Result } from '../../../runner/run/result.ts'
import { run } from '../../../runner/run/run.ts'
import { met, type Outcome, unable, unmet } from '../../../runner/steps/language/outcome.ts'
import type { Verb } from '../../../runner/steps/language/verb.ts'
import { anyTarget, caseOf, verbThat } from '../playing.ts'
import { type BlockedTime, EventLoopDelay } from '../../../runner/run/schedule/event-loop-delay.ts'

/** Bounds of 60 ms, of which this machine may take away a tenth; in the second try bounds of 180 ms, and all of them. */
const slow = 0.02
const tooLongMs = 250
/** Bounds so long that the blockedTime of a busy machine are no excuse. */
const patient = 100

function block(ms = tooLongMs): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

const late: Outcome = unmet('an answer', 'nothing in time', { late: true })
const mismatch: Outcome = unmet('200', '500')

async function play(
  verbs: readonly Verb[],
  options: { slow?: number; isOverloaded?: () => boolean; blockedTime?: BlockedTime } = {},
): Promise<Result[]> {
  const results: Result[] = []
  const cases = [caseOf({ steps: verbs.map(({ name }) => ({ verb: name })) })]
  for await (const result of run({ target: await anyTarget(), cases, verbs, slow, ...options }))
    results.push(result)
  return results
}

test('the time in which this process was blocked is measured, at the worst and in all', async () => {
  const lag = new EventLoopDelay()
  const started = performance.now()
  block(100)
  await new Promise((resolve) => setTimeout(resolve, 20))
  block(60)
  const [worst, all] = [lag.longestSince(started), lag.totalSince(started)]
  lag.stop()
  expect(worst).toBeGreaterThan(80)
  expect(all).toBeGreaterThan(worst + 40)
})

describe('while this machine is blocked', () => {
  test('a wait that came to nothing is tried once more, and then not held against the target', async () => {
    let tries = 0
    const verb = verbThat('wait', () => {
      tries++
      block()
      return late
    })
    const results = await play([verb])
    expect(tries).toBe(2)
    expect(results).toMatchObject([{ verdict: 'inconclusive' }])
    expect(results[0]?.reason).toMatch(/this machine was blocked for \d+ ms: expected an answer/)
  })

  test('the second try counts', async () => {
    let tries = 0
    const verb = verbThat('wait', () => {
      if (++tries > 1) return met
      block()
      return late
    })
    expect(await play([verb])).toMatchObject([{ verdict: 'pass' }])
    expect(tries).toBe(2)
  })

  test('a wait of the second try goes on for as long as nobody could look', async () => {
    const waits: number[] = []
    const verb = verbThat('wait', async (_args, one) => {
      const began = performance.now()
      await new Promise((resolve) => one.bounds.within().addEventListener('abort', resolve))
      waits.push(performance.now() - began)
      return late
    })
    const blockedTime = { longestSince: () => 100, totalSince: () => 100 }
    expect(await play([verb], { blockedTime })).toMatchObject([{ verdict: 'fail' }])
    expect(waits).toEqual([expect.any(Number), expect.any(Number)])
    // 180 ms, and what was lost; a timer may be early by a millisecond.
    expect(waits[1]).toBeGreaterThanOrEqual(275)
  })

  test('a block between two steps counts too', async () => {
    const blocks = verbThat('block', () => {
      block()
      return met
    })
    const waits = verbThat('wait', async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      return late
    })
    expect(await play([blocks, waits])).toMatchObject([{ verdict: 'inconclusive' }])
  })

  test('what is plainly wrong fails all the same', async () => {
    const verb = verbThat('look', () => {
      block()
      return mismatch
    })
    expect(await play([verb])).toMatchObject([{ verdict: 'fail', reason: 'expected 200, observed: 500' }])
  })
})

test('on a machine that keeps up, a wait that came to nothing fails', async () => {
  expect(await play([verbThat('wait', () => late)], { slow: patient })).toMatchObject([{ verdict: 'fail' }])
})

describe('while this machine has more to do than it can', () => {
  const isOverloaded = (): boolean => true

  test('what was late is tried once more, and the second try counts', async () => {
    let tries = 0
    const verb = verbThat('wait', () => (++tries > 1 ? met : late))
    expect(await play([verb], { slow: patient, isOverloaded })).toMatchObject([{ verdict: 'pass' }])
    expect(tries).toBe(2)
  })

  test('what is late on the second try too is late', async () => {
    let tries = 0
    const verb = verbThat('wait', () => (tries++, late))
    expect(await play([verb], { slow: patient, isOverloaded })).toMatchObject([{ verdict: 'fail' }])
    expect(tries).toBe(2)
  })

  test('a target that never answers is judged all the same, each case after one more try', async () => {
    let tries = 0
    const verb = verbThat('wait', () => (tries++, late))
    const cases = Array.from({ length: 20 }, (_, index) =>
      caseOf({ id: `a/b/c${index}`, steps: [{ verb: 'wait' }] }),
    )
    const results: Result[] = []
    for await (const result of run({
      target: await anyTarget(),
      cases,
      verbs: [verb],
      slow: patient,
      isOverloaded,
    }))
      results.push(result)
    expect(results.map(({ verdict }) => verdict)).toEqual(cases.map(() => 'fail'))
    expect(tries).toBe(40)
  })

  test.each([
    ['left alone when that does not help', 20, (): Outcome => unable('nobody there')],
    [
      'tried again, all of them, when it helps',
      20,
      (tries: number): Outcome => (tries > 20 ? met : unable('x')),
    ],
  ])('what could not be judged is %s', async (_, count, outcome) => {
    let tries = 0
    const verb = verbThat('wait', () => outcome(++tries))
    const cases = Array.from({ length: count }, (_each, index) =>
      caseOf({ id: `a/b/c${index}`, steps: [{ verb: 'wait' }] }),
    )
    const verdicts: string[] = []
    for await (const result of run({
      target: await anyTarget(),
      cases,
      verbs: [verb],
      slow: patient,
      isOverloaded,
    }))
      verdicts.push(result.verdict)
    const helps = outcome(count + 1).kind === 'met'
    expect(verdicts).toEqual(cases.map(() => (helps ? 'pass' : 'inconclusive')))
    expect(tries).toBe(helps ? 2 * count : count + 5)
  })
})
