import { describe, expect, test } from '@jest/globals'

import { wantsColour } from '../../runner/report/parts/colour.ts'
import { type RunStatus, exitCode, countsInWords, Tally } from '../../runner/report/summary.ts'
import type { Verdict } from '../../runner/run/result.ts'

function codeOf(verdicts: readonly Verdict[], strict = false, status: RunStatus = 'complete'): number {
  const tally = new Tally()
  for (const verdict of verdicts) tally.add({ verdict })
  return exitCode(tally.summary, { strict, ending: status })
}

describe('the exit code', () => {
  test.each<[string, Verdict[], number]>([
    ['passes', ['pass', 'pass'], 0],
    ['passes and skips', ['pass', 'skip'], 0],
    ['a warning', ['pass', 'warn'], 0],
    ['only a warning', ['warn'], 0],
    ['a failure', ['pass', 'fail'], 1],
    ['a failure and something inconclusive', ['inconclusive', 'fail'], 1],
    ['something inconclusive', ['pass', 'inconclusive'], 3],
    ['only skips', ['skip', 'skip'], 3],
    ['nothing at all', [], 3],
  ])('of %s', (_, verdicts, code) => {
    expect(codeOf(verdicts)).toBe(code)
  })

  test('of a warning is that of a failure with --strict', () => {
    expect(codeOf(['pass', 'warn'], true)).toBe(1)
    expect(codeOf(['pass', 'inconclusive'], true)).toBe(3)
  })

  test('of an interrupted run is 130 even if something failed', () => {
    expect(codeOf(['fail'], false, 'interrupted')).toBe(130)
  })

  test('of a run that timed out is 3, unless something failed', () => {
    expect(codeOf(['pass'], false, 'timed out')).toBe(3)
    expect(codeOf(['fail'], false, 'timed out')).toBe(1)
  })
})

test('zero counts are left out', () => {
  expect(countsInWords({ pass: 2, fail: 0, warn: 0, skip: 1, inconclusive: 0 })).toBe('2 pass, 1 skip')
})

describe('colours', () => {
  test.each([
    ['on a terminal', {}, true, true, true],
    ['in a pipe', {}, false, true, false],
    ['with --no-color', { FORCE_COLOR: '1' }, true, false, false],
    ['with NO_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, true, false],
    ['with an empty NO_COLOR', { NO_COLOR: '' }, true, true, true],
    ['with FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, false, true, true],
    ['with FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, true, false],
    ['on a dumb terminal', { TERM: 'dumb' }, true, true, false],
  ])('%s', (_, env, isTTY, flag, wanted) => {
    expect(wantsColour(env, isTTY, flag)).toBe(wanted)
  })
})
