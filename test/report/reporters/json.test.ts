import { describe, expect, test } from '@jest/globals'

import { json } from '../../../runner/report/reporters/json.ts'
import { type Report, ReportSchema } from '../../../runner/report/schema.ts'
import type { RunEnd } from '../../../runner/report/reporter.ts'
import type { Result } from '../../../runner/run/result.ts'
import { parsed } from '../parsed.ts'
import { entry, Kept, requirement, result, runEnd, runStart } from '../results.ts'

async function report(results: readonly Result[], end: Partial<RunEnd> = {}): Promise<Report> {
  const out = new Kept()
  const reporter = json.create(out, { verbose: false })
  reporter.start(runStart({ total: results.length }))
  for (const one of results) reporter.result(one)
  await reporter.end(runEnd(end))
  return parsed(ReportSchema, out.text)
}

describe('the JSON report', () => {
  test('of a run without results is valid', async () => {
    expect(await report([])).toMatchObject({ cases: [], summary: { pass: 0, fail: 0 } })
  })

  test('of 2000 results is valid, counts them and keeps their order', async () => {
    const verdicts = ['pass', 'fail', 'warn', 'skip', 'inconclusive'] as const
    const results = [...Array(2000).keys()].map((index) =>
      result(verdicts[index % 5] ?? 'pass', { instance: `n=${index}`, transcript: [entry('frame', 'abc')] }),
    )
    const { cases, summary } = await report(results)
    expect(summary).toEqual({ pass: 400, fail: 400, warn: 400, skip: 400, inconclusive: 400 })
    expect(cases.map((one) => one.instance)).toEqual(results.map((one) => one.instance))
  })

  test('of an interrupted run is valid and says so', async () => {
    const cut = await report([result('pass')], { interrupted: true, exitCode: 130 })
    expect(cut).toMatchObject({ interrupted: true, exitCode: 130, summary: { pass: 1 } })
  })

  test('writes each result at once, not at the end', () => {
    const out = new Kept()
    const reporter = json.create(out, { verbose: false })
    reporter.start(runStart())
    reporter.result(result('fail'))
    expect(out.text).toContain('"verdict":"fail"')
  })

  test('keeps every byte of a transcript', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const { cases } = await report([result('fail', { transcript: [entry('all', bytes, { length: 9000 })] })])
    const [shown] = cases[0]?.transcript ?? []
    expect(Buffer.from(shown?.bytes ?? '', 'base64')).toEqual(Buffer.from(bytes))
    expect(shown?.length).toBe(9000)
  })

  test('keeps the members for a reproduction with findings only', async () => {
    const deed = { connection: 1, chop: 3, pieces: [{ bytes: Buffer.from('abc'), length: 9000 }] }
    const transcript = [entry('all', 'abc', { direction: 'sent', ...deed })]
    const { cases } = await report([result('fail', { transcript }), result('pass', { transcript })])
    const kept = { connection: 1, chop: 3, pieces: [{ bytes: 'YWJj', length: 9000 }] }
    expect(cases[0]?.transcript[0]).toMatchObject(kept)
    expect(cases[1]?.transcript[0]).not.toHaveProperty('pieces')
  })

  test('keeps hostile text unchanged', async () => {
    const hostile = '\u001b[2J"\\\n\u0000\u2028</script>\ud800'
    const { cases } = await report([result('fail', { observed: hostile })])
    expect(cases[0]?.observed).toBe(hostile)
  })

  test('names requirements in cases and describes each once', async () => {
    const { cases, requirements } = await report([result('pass'), result('pass', { instance: 'again' })])
    expect(cases.map((one) => one.requirements)).toEqual([[requirement.id], [requirement.id]])
    expect(requirements).toMatchObject({ [requirement.id]: { section: '5.5.2', url: requirement.url } })
  })

  test('has a step only if one decided the verdict', async () => {
    const { cases } = await report([result('pass'), result('fail')])
    expect(cases.map((one) => one.step?.verb)).toEqual([undefined, 'receive'])
  })
})

test('the schema refuses a report with a verdict that does not exist', async () => {
  const good = await report([result('pass')])
  const bad = { ...good, cases: good.cases.map((one) => ({ ...one, verdict: 'green' })) }
  expect(() => parsed(ReportSchema, JSON.stringify(bad))).toThrow('verdict')
})
