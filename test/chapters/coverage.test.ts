import { describe, expect, test } from '@jest/globals'
import { Console } from '../cli/console.ts'
import { loadCases } from '../../runner/library/cases.ts'
import { freedoms } from '../../fixtures/freedoms/index.ts'
import { requirementsFolder } from '../../runner/package/paths.ts'
import { coverageOf, permissionProblems } from '../../runner/chapters/coverage.ts'
import {
  lostCoverage,
  coveredFilePath,
  coveredFileText,
  readCoveredFile,
} from '../../runner/chapters/covered-file.ts'
import { loadRegister } from '../../runner/chapters/register/register.ts'
import { casesOf, dateIsSent } from '../prove/proving.ts'
import { requirement } from './chapters.ts'

describe('covered requirements stay covered', () => {
  const pinned = readCoveredFile(coveredFilePath(requirementsFolder))

  test('by a case, or its line goes and the register says why', async () => {
    expect(lostCoverage(await pinned, await loadCases())).toEqual([])
  })

  test('the file is sorted and contains only requirements', async () => {
    const ids = await pinned
    expect(ids).toEqual([...new Set(ids)].toSorted())
    const known = new Set((await loadRegister(requirementsFolder)).ids)
    expect(ids.filter((id) => !known.has(id))).toEqual([])
  })

  test('a lost requirement is reported with what to do', async () => {
    const cases = await casesOf([dateIsSent])
    expect(coveredFileText(cases)).toMatch(/\nhttp-date-present\n$/)
    expect(lostCoverage(['http-date-present', 'lp-hold'], cases)).toEqual([
      expect.stringMatching(/^no case proves "lp-hold" any more: restore its case, or .*"reason"/),
    ])
  })
})

describe('an optional requirement', () => {
  test('is permitted to a freedom, proved by a case, or has a reason', async () => {
    const { all } = await loadRegister(requirementsFolder)
    expect(permissionProblems(all, await loadCases(), freedoms)).toEqual([])
  })

  test('without any of them is reported, and so is a freedom that names another requirement', () => {
    const rows = [
      requirement('used', 'MAY'),
      requirement('unused', 'MAY'),
      { ...requirement('out-of-scope', 'MAY'), reason: 'a rule of one product' },
      requirement('binding', 'MUST'),
    ]
    expect(permissionProblems(rows, [], [{ id: 'does-it', permits: ['used', 'binding'] }])).toEqual([
      '"unused" is optional, but no freedom permits it and no "reason" says why',
      'the freedom "does-it" names "binding", which is no requirement of the level MAY',
    ])
  })

  test('is covered by a freedom that it permits', () => {
    const rows = [requirement('used', 'MAY'), requirement('binding', 'MUST')]
    const [one] = coverageOf(rows, [], [{ permits: ['used', 'binding'] }])
    expect(one).toMatchObject({ covered: ['used'], testable: 2 })
  })
})

describe('coverage', () => {
  test('counts covered, testable, reasoned and open requirements', async () => {
    const rows = [
      requirement('http-date-present', 'MUST'),
      requirement('open-one', 'MUST'),
      { ...requirement('reasoned-one', 'MUST'), reason: 'not yet' },
      { ...requirement('invisible-one', 'MUST'), testable: 'no: nothing is seen' },
    ]
    const [one] = coverageOf(rows, await casesOf([dateIsSent]))
    expect(one).toMatchObject({ source: 'RFC 0000', covered: ['http-date-present'], testable: 3, total: 4 })
    expect(one?.reasoned).toEqual([{ id: 'reasoned-one', reason: 'not yet' }])
    expect(one?.open.map(({ id }) => id)).toEqual(['open-one'])
  })

  test('is printed by the command list, as text and as JSON', async () => {
    const text = new Console()
    expect(await text.run('list', '--coverage', '--verbose')).toBe(0)
    expect(text.stdout.text).toMatch(/^RFC 6455 +\d+ \/ +\d+ \/ \d+ +\d+ +\d+$/m)
    const json = new Console()
    expect(await json.run('list', '--coverage', '--json')).toBe(0)
    expect(JSON.parse(json.stdout.text)).toContainEqual(
      expect.objectContaining({ source: 'RFC 6455', covered: expect.arrayContaining(['ws-hs-101']) }),
    )
  })
})
