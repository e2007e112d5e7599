import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { packageRoot } from '../../runner/package/paths.ts'
import { loadCases } from '../../runner/index.ts'
import { gradesOf } from '../../scripts/case-grades.ts'
import { idsOf, pinned } from '../../scripts/case-ids.ts'
import { generated, idsFile } from '../../scripts/generated.ts'
import { casesOf, dateIsSent } from '../prove/proving.ts'

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

describe('the file of grades', () => {
  const draft = {
    ...dateIsSent,
    steps: [{ request: { to: 'http' } }, { response: { status: 200, tolerated: 404 } }],
  }

  test('has level, basis, requirements, title and graded steps of a case', async () => {
    expect(gradesOf(await casesOf([draft]))).toEqual([
      expect.stringMatching(/date-is-sent \| MUST \| standard \| http-date-present \| An answer says/),
      '  step 2 response: {"tolerated":404}',
    ])
  })

  test('changes with a grade and with a level', async () => {
    const before = gradesOf(await casesOf([draft]))
    const milder = { ...draft, level: 'SHOULD' }
    const stricter = { ...draft, steps: [{ request: { to: 'http' } }, { response: { status: 200 } }] }
    for (const changed of [milder, stricter]) expect(gradesOf(await casesOf([changed]))).not.toEqual(before)
  })
})
