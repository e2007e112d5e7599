import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { json } from '../../runner/report/reporters/json.ts'
import { Kept, result, runEnd, runStart } from '../report/results.ts'
import { Console } from './console.ts'

const folder = mkdtempSync(join(tmpdir(), 'pushspec-colour-'))

beforeAll(async () => {
  const out = new Kept()
  const reporter = json.create(out, { verbose: false })
  reporter.start(runStart())
  reporter.result(result('fail'))
  await reporter.end(runEnd())
  writeFileSync(join(folder, 'report.json'), out.text)
})

afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['a terminal', { TERM: 'xterm' }, true, [], true],
  ['a pipe', { TERM: 'xterm' }, false, [], false],
  ['a terminal with NO_COLOR', { TERM: 'xterm', NO_COLOR: '1' }, true, [], false],
  ['a terminal with --no-color', { TERM: 'xterm' }, true, ['--no-color'], false],
  ['a terminal that can do nothing', { TERM: 'dumb' }, true, [], false],
  ['a pipe with FORCE_COLOR', { FORCE_COLOR: '1' }, false, [], true],
  ['a terminal with FORCE_COLOR=0', { TERM: 'xterm', FORCE_COLOR: '0' }, true, [], false],
  ['a pipe with NO_COLOR and FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, false, [], false],
])('on %s the report is coloured as it should be', async (_, env, isTTY, flags, coloured) => {
  const console = new Console({ cwd: folder, env })
  Object.assign(console.stdout, { isTTY })
  expect(await console.run('merge', 'report.json', '--quiet', ...flags)).toBe(1)
  // Select graphic rendition (ECMA-48 section 8.3.117).
  expect(console.stdout.text.includes('\u001b[')).toBe(coloured)
})

test('a report in a file is never coloured', async () => {
  const console = new Console({ cwd: folder, env: { FORCE_COLOR: '1' } })
  await console.run('merge', 'report.json', '--reporter', 'terminal=report.txt', '--reporter', 'tap')
  const report = readFileSync(join(folder, 'report.txt'), 'utf8')
  expect([report.includes('FAIL'), report.includes('\u001b')]).toEqual([true, false])
})
