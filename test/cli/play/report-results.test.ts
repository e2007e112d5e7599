import { describe, expect, test } from '@jest/globals'

import { reportResults, type RunStop } from '../../../runner/cli/play/report-results.ts'
import { json } from '../../../runner/report/reporters/json.ts'
import { Redactor } from '../../../runner/text/redact.ts'
import type { Result } from '../../../runner/run/result.ts'
import { entry, Kept, result, runStart } from '../../report/results.ts'

const secret = 'correct horse battery'
const never: RunStop = { signal: new AbortController().signal, status: 'complete' }

function play(results: AsyncIterable<Result>, out: Kept, stop = never): Promise<number> {
  const reporter = json.create(out, { verbose: false })
  const start = runStart({ target: `http://h/?key=${encodeURIComponent(secret)}`, total: 2 })
  return reportResults(results, { start, reporter, strict: false, redactor: new Redactor([secret]), stop })
}

async function* from(...results: Result[]): AsyncGenerator<Result> {
  yield* results
}

/** Results that end with an error. */
async function* failingWith(error: unknown): AsyncGenerator<Result> {
  yield result('pass')
  throw error
}

describe('a run', () => {
  test('ends with the exit code of its results', async () => {
    expect(await play(from(result('pass'), result('fail')), new Kept())).toBe(1)
  })

  test('shows no secret in its report', async () => {
    const out = new Kept()
    await play(from(result('fail', { observed: secret, transcript: [entry('x', secret)] })), out)
    expect(out.text).not.toContain(secret)
    expect(out.text).not.toContain(encodeURIComponent(secret))
    expect(out.text).not.toContain(Buffer.from(secret).toString('base64'))
    expect(out.text.match(/\[secret\]/g)?.length).toBe(2)
  })

  test('that was interrupted has a complete report and ends with 130', async () => {
    const out = new Kept()
    const controller = new AbortController()
    controller.abort()
    const stop: RunStop = { signal: controller.signal, status: 'interrupted' }
    expect(await play(failingWith(controller.signal.reason), out, stop)).toBe(130)
    expect(JSON.parse(out.text)).toMatchObject({ interrupted: true, exitCode: 130, summary: { pass: 1 } })
  })

  test('that timed out cannot end with 0', async () => {
    const out = new Kept()
    const stop: RunStop = { signal: AbortSignal.abort(), status: 'timed out' }
    expect(await play(from(result('pass')), out, stop)).toBe(3)
    expect(JSON.parse(out.text)).toMatchObject({ interrupted: true, exitCode: 3 })
  })

  test('with a defect of the kit has a complete report and rethrows the error', async () => {
    const out = new Kept()
    await expect(play(failingWith(new TypeError('broken')), out)).rejects.toThrow('broken')
    expect(JSON.parse(out.text)).toMatchObject({ interrupted: true, exitCode: 70, summary: { pass: 1 } })
  })

  test('reports a defect even if an interruption happens at the same time', async () => {
    const stop: RunStop = { signal: AbortSignal.abort(), status: 'interrupted' }
    await expect(play(failingWith(new TypeError('broken')), new Kept(), stop)).rejects.toThrow('broken')
  })
})
