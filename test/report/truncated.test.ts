import { expect, test } from '@jest/globals'

import { completeReport } from '../../runner/report/truncated.ts'
import { json } from '../../runner/report/reporters/json.ts'
import { ReportSchema } from '../../runner/report/schema.ts'
import { parsed } from './parsed.ts'
import { entry, Kept, result, runEnd, runStart } from './results.ts'

/** A report of three results, one of them with text that looks like the end of the list. */
async function written(): Promise<string> {
  const out = new Kept()
  const reporter = json.create(out, { verbose: false })
  reporter.start(runStart({ total: 3 }))
  reporter.result(result('pass', { instance: 'n=1', durationMs: 7 }))
  reporter.result(
    result('fail', { instance: 'n=2', observed: '\n],\n"cases":[', transcript: [entry('x', 'y')] }),
  )
  reporter.result(result('warn', { instance: 'n=3' }))
  await reporter.end(runEnd())
  return out.text
}

test('of a report truncated anywhere, the complete results are read', async () => {
  const text = await written()
  const lines = text.split('\n')
  const ends = lines.map((_, index) => lines.slice(0, index + 1).join('\n').length)
  const first = ends[1] ?? 0
  for (let length = first; length < text.trimEnd().length; length++) {
    const report = parsed(ReportSchema, JSON.stringify(completeReport(text.slice(0, length))))
    // A result is complete with its last brace.
    const whole = [2, 3, 4].filter(
      (line) => length >= (ends[line] ?? 0) - (lines[line]?.endsWith(',') ? 1 : 0),
    )
    expect(report.cases.map(({ instance }) => instance)).toEqual(whole.map((line) => `n=${line - 1}`))
    expect(report).toMatchObject({ interrupted: true, exitCode: 130, total: 3 })
    expect(report.summary.pass + report.summary.fail + report.summary.warn).toBe(whole.length)
  }
})

test('a text that is not the beginning of a report is not read', async () => {
  const text = await written()
  const second = text.split('\n')[3] ?? ''
  const others = ['', text.slice(0, 40), text.replace(second, second.slice(0, 30)), `x${text}`]
  expect(others.map(completeReport)).toEqual(others.map(() => undefined))
})
