import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { packageRoot } from '../../runner/package/paths.ts'
import { loadCases } from '../../runner/index.ts'
import { idsOf, pinned } from '../../scripts/case-ids.ts'
import { generated, idsFile } from '../../scripts/generated.ts'

const checkedIn = (path: string): Promise<string> =>
  readFile(join(packageRoot, path), 'utf8').catch(() => 'there is no such file')

describe('what is generated is up to date', () => {
  test.each(Object.keys(generated))('by npm run %s', async (script) => {
    const files = Object.entries((await generated[script]?.()) ?? {})
    const stale = []
    for (const [path, text] of files) if ((await checkedIn(path)) !== text) stale.push(path)
    const advice = stale.map((path) => `${path} is out of date: npm run ${script} writes it anew`)
    expect(advice).toEqual([])
  })
})

test('an id that was given once is there for ever', async () => {
  const now = new Set(idsOf(await loadCases()))
  const gone = pinned(await checkedIn(idsFile)).filter((id) => !now.has(id))
  const advice = gone.map(
    (id) =>
      `${id} is gone: people select it, and baselines name it. Bring it back, or take its line out of ${idsFile} if it was in no release`,
  )
  expect(advice).toEqual([])
})
