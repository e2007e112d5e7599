import { expect, test } from '@jest/globals'

import { repeated, untilFailure } from '../../runner/run/repeat.ts'
import type { Result } from '../../runner/run/result.ts'
import { result } from '../report/results.ts'

async function* of(...results: readonly Result[]): AsyncGenerator<Result> {
  yield* results
}

async function all(results: AsyncIterable<Result>): Promise<Result[]> {
  const collected: Result[] = []
  for await (const one of results) collected.push(one)
  return collected
}

test('a verdict that stays the same is the verdict', async () => {
  const results = await all(repeated(3, () => of(result('fail'), result('pass', { instance: 'n=2' }))))
  expect(results.map(({ verdict }) => verdict)).toEqual(['fail', 'pass'])
})

test('a verdict that changes is inconclusive and says how', async () => {
  let time = 0
  const [one] = await all(repeated(3, () => of(result(++time === 2 ? 'fail' : 'pass'))))
  expect(one?.verdict).toBe('inconclusive')
  expect(one?.reason).toMatch(/pass, fail, pass/)
})

test('after the first failure nothing is played any more', async () => {
  const played: string[] = []
  async function* watched(): AsyncGenerator<Result> {
    for (const verdict of ['pass', 'fail', 'pass'] as const) {
      played.push(verdict)
      yield result(verdict)
    }
  }
  expect((await all(untilFailure(watched()))).map(({ verdict }) => verdict)).toEqual(['pass', 'fail'])
  expect(played).toEqual(['pass', 'fail'])
})
