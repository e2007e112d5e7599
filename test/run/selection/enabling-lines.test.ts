import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'

import { packageRoot } from '../../../runner/package/paths.ts'
import { loadCases, loadTarget } from '../../../runner/index.ts'
import { skipReasonOf } from '../../../runner/run/selection/skip-reason.ts'
import { enablingLinesOf } from '../../../runner/run/selection/enabling-lines.ts'
import type { Target } from '../../../runner/targets/target.ts'

const folder = await mkdtemp(join(tmpdir(), 'pushspec-openings-'))
afterAll(() => rm(folder, { recursive: true }))
const cases = await loadCases()

async function targetOf(description: object): Promise<Target> {
  const file = join(folder, 'target.yaml')
  await writeFile(file, JSON.stringify(description))
  return loadTarget(file)
}

/** Instances that would be played. */
const played = (target: Target): number =>
  cases.flatMap((entry) => entry.instances.filter((one) => !skipReasonOf(entry, one, target, false))).length

const members = (line: string): object => parse(line) as object

const bare = { target: 'http://127.0.0.1:1' }
const descriptions: [string, object][] = [
  ['an event stream', { ...bare, sse: { path: '/events' } }],
  ['a stream that is described already', { ...bare, sse: { path: '/events', keepAlive: '15s' } }],
  ['a WebSocket', { ...bare, websocket: { path: '/ws' } }],
  ['a resource that is polled', { ...bare, polling: { path: '/state', delivers: 'last' } }],
  ['a request that is held', { ...bare, 'long-polling': { path: '/wait' } }],
]

describe.each(descriptions)('for %s', (_what, description) => {
  test('the best lines open what they say, alone and together, and make a description that can be loaded', async () => {
    const target = await targetOf(description)
    const { best, together } = enablingLinesOf(cases, target)
    const before = played(target)
    expect(best.length).toBeGreaterThan(0)
    for (const { line, opens } of best)
      expect([line, played(await targetOf({ ...description, ...members(line) })) - before]).toEqual([
        line,
        opens,
      ])
    const all = Object.assign({}, description, ...best.map(({ line }) => members(line)))
    expect(played(await targetOf(all)) - before).toBe(together)
    expect(together).toBeGreaterThan(0)
  })

  test('the best line is the one that opens the most, and no line opens more than all', async () => {
    const { best, together, all } = enablingLinesOf(cases, await targetOf(description))
    const counts = best.map(({ opens }) => opens)
    expect(counts).toEqual(counts.toSorted((one, other) => other - one))
    expect(together).toBeGreaterThanOrEqual(Math.max(...counts))
    expect(all.map(({ opens }) => opens)).toEqual(all.map(({ opens }) => opens).toSorted((a, b) => b - a))
  })
})

test('cases about endpoints that the target does not have are not held against it', async () => {
  const target = await targetOf({ ...bare, sse: { path: '/events' } })
  const { concerned, best, all } = enablingLinesOf(cases, target)
  expect(concerned).toBeLessThan(cases.flatMap(({ instances }) => instances).length / 2)
  expect(best.map(({ line }) => line).join()).not.toMatch(/websocket|polling/)
  expect(all.map(({ line }) => line)).toContain('websocket: { path: /echo }')
})

test('a target that has everything needs no more lines', async () => {
  const reference = join(packageRoot, 'fixtures', 'targets', 'reference.yaml')
  const target = await loadTarget(reference)
  const text = await readFile(reference, 'utf8')
  expect(text).toMatch(/echo: true/)
  expect(enablingLinesOf(cases, target).together).toBe(0)
})
