import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from '@jest/globals'

import { Baseline } from '../../runner/report/baseline.ts'
import { result } from './results.ts'

const folder = mkdtempSync(join(tmpdir(), 'pushspec-baseline-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileWith(text: string): string {
  const file = join(folder, 'baseline.yaml')
  writeFileSync(file, text)
  return file
}

const file = (until = '') => `# kept
known:
  - case: websocket/fragmentation
    verdict: fail
    reason: a bug that we know${until}
  # goes with its entry
  - { case: websocket/nowhere, verdict: fail, reason: long gone }
`

test('a listed failure gets the reason of its entry, another verdict of the same case does not', async () => {
  const baseline = await Baseline.read(fileWith(file()))
  expect(baseline.apply(result('fail')).known).toBe('a bug that we know')
  expect(baseline.apply(result('warn')).known).toBeUndefined()
  expect(baseline.apply(result('fail', { id: 'websocket/fragmentationist/x' })).known).toBeUndefined()
})

test('an entry whose case passes is stale, and so is one without a matching case', async () => {
  const baseline = await Baseline.read(fileWith(file()))
  baseline.apply(result('pass'))
  const messages = baseline.stale({ isWhole: true }).map(({ message }) => message)
  expect(messages).toHaveLength(2)
  expect(messages[0]).toMatch(/baseline\.yaml:3:5: "websocket\/fragmentation" no longer gives fail: delete/)
  expect(messages[1]).toMatch(
    /baseline\.yaml:7:5: no case has an address that begins with "websocket\/nowhere"/,
  )
})

test('an entry whose cases were not played is not stale', async () => {
  const baseline = await Baseline.read(fileWith(file()))
  expect(baseline.stale({ isWhole: false })).toEqual([])
  baseline.apply(result('skip'))
  expect(baseline.stale({ isWhole: false })).toEqual([])
})

test('after its last day an entry accepts nothing', async () => {
  const until = '\n    until: 2026-01-31'
  const before = await Baseline.read(fileWith(file(until)), '2026-01-31')
  const after = await Baseline.read(fileWith(file(until)), '2026-02-01')
  expect(before.apply(result('fail')).known).toBe('a bug that we know')
  expect(after.apply(result('fail')).known).toBeUndefined()
  expect(after.stale({ isWhole: false })[0]?.message).toMatch(/was accepted until 2026-01-31/)
})

test('removing stale entries leaves the rest unchanged', async () => {
  const path = fileWith(file())
  const baseline = await Baseline.read(path)
  baseline.apply(result('fail'))
  await baseline.remove(baseline.stale({ isWhole: true }))
  const text = readFileSync(path, 'utf8')
  expect(text).toBe(
    '# kept\nknown:\n  - case: websocket/fragmentation\n    verdict: fail\n    reason: a bug that we know\n',
  )
})

test('an invalid baseline is refused with its place', async () => {
  const path = fileWith('known:\n  - { case: a, verdict: broken, reason: x }\n')
  await expect(Baseline.read(path)).rejects.toThrow(/baseline\.yaml:2:\d+: .*verdict/)
})
