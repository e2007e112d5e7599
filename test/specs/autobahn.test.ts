import { expect, test } from '@jest/globals'
import { requirementsFolder, specsFolder } from '../../runner/package/paths.ts'
import { loadChapters } from '../../runner/chapters/load.ts'
import { loadRegister } from '../../runner/chapters/register/register.ts'
import { verbs } from '../../runner/steps/index.ts'
import { needs } from '../../runner/targets/description/needs.ts'
import { caseCounts } from './autobahn-cases.ts'

/** The ids of all cases of these groups of the Autobahn test suite. */
const idsOf = (counts: Readonly<Record<string, number>>): string[] =>
  Object.entries(counts).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index) => `autobahn ${group}.${index + 1}`),
  )

async function answered(): Promise<Set<string>> {
  const register = await loadRegister(requirementsFolder)
  const chapters = await loadChapters([specsFolder], { verbs, needs, register })
  const instances = chapters.flatMap(({ cases }) => cases).flatMap((entry) => entry.instances)
  return new Set(instances.flatMap(({ also }) => also).filter((name) => name.startsWith('autobahn ')))
}

test.each(Object.entries(caseCounts))('every case of Autobahn category %s is answered', async (_, counts) => {
  const known = await answered()
  expect(idsOf(counts).filter((id) => !known.has(id))).toEqual([])
})

test('these are all 517 cases', () => {
  expect(Object.values(caseCounts).flatMap(idsOf)).toHaveLength(517)
})

test('no instance answers for a case that Autobahn does not have', async () => {
  const known = new Set(Object.values(caseCounts).flatMap(idsOf))
  expect([...(await answered())].filter((id) => !known.has(id))).toEqual([])
})
