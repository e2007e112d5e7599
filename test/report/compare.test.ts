import { expect, test } from '@jest/globals'

import { compare } from '../../runner/report/compare.ts'
import { json } from '../../runner/report/reporters/json.ts'
import { replay, resultsOf } from '../../runner/report/replay.ts'
import type { Report } from '../../runner/report/schema.ts'
import type { Result } from '../../runner/run/result.ts'
import { entry, Kept, result, runEnd, runStart } from './results.ts'

async function reportOf(...results: readonly Result[]): Promise<Report> {
  const out = new Kept()
  const reporter = json.create(out, { verbose: false })
  reporter.start(runStart({ total: results.length }))
  for (const one of results) reporter.result(one)
  await reporter.end(runEnd())
  return JSON.parse(out.text) as Report
}

test('separates regressions, fixes, new and gone instances', async () => {
  const before = await reportOf(
    result('pass', { instance: 'n=1' }),
    result('fail', { instance: 'n=2' }),
    result('skip', { instance: 'n=3' }),
    result('pass', { instance: 'n=4' }),
    result('pass', { instance: 'n=5' }),
  )
  const after = await reportOf(
    result('fail', { instance: 'n=1' }),
    result('warn', { instance: 'n=2' }),
    result('pass', { instance: 'n=3' }),
    result('skip', { instance: 'n=4' }),
    result('pass', { instance: 'n=5' }),
  )
  const { regressions, fixes, appeared, gone } = compare(before, after)
  const shown = [regressions, fixes, appeared, gone].map((changes) =>
    changes.map(({ name }) => name.slice(-4, -1)),
  )
  expect(shown).toEqual([['n=1'], ['n=2'], ['n=3'], ['n=4']])
})

test('a report that is read back gives the same results', async () => {
  const results = [
    result('fail', { transcript: [entry('bytes', Uint8Array.of(0, 255))] }),
    result('pass', { instance: 'n=2' }),
  ]
  const back = resultsOf(await reportOf(...results))
  expect(back.map((one) => ({ ...one, transcript: one.transcript.map(({ bytes }) => [...bytes]) }))).toEqual(
    results.map((one) => ({ ...one, transcript: one.transcript.map(({ bytes }) => [...bytes]) })),
  )
})

test('merged reports are one run: the last result of an instance counts, and a failure decides the exit code', async () => {
  const out = new Kept()
  const first = await reportOf(result('fail', { instance: 'n=1' }), result('fail', { instance: 'n=2' }))
  const second = await reportOf(result('pass', { instance: 'n=1' }))
  expect(await replay([first, second], json.create(out, { verbose: false }), false)).toBe(1)
  const { summary } = JSON.parse(out.text) as Report
  expect(summary).toMatchObject({ pass: 1, fail: 1 })
  expect(
    await replay(
      [first, await reportOf(result('pass', { instance: 'n=1' }), result('warn', { instance: 'n=2' }))],
      json.create(new Kept(), { verbose: false }),
      false,
    ),
  ).toBe(0)
})
