import { expect, test } from '@jest/globals'
import { caseCounts } from './autobahn-cases.ts'
import { loadCases } from '../../runner/index.ts'

/** The ids of all cases of these groups of the Autobahn test suite. */
const idsOf = (counts: Readonly<Record<string, number>>): string[] =>
  Object.entries(counts).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index) => `autobahn ${group}.${index + 1}`),
  )

const instances = (await loadCases({ only: ['websocket'] })).flatMap((entry) => entry.instances)
/** The cases of Autobahn that an instance covers. */
const covered = new Set(instances.flatMap(({ also }) => also).filter((name) => name.startsWith('autobahn ')))

test.each(Object.entries(caseCounts))('every case of Autobahn category %s is covered', (_, counts) => {
  expect(idsOf(counts).filter((id) => !covered.has(id))).toEqual([])
})

test('these are all 517 cases', () => {
  expect(Object.values(caseCounts).flatMap(idsOf)).toHaveLength(517)
})

test('no instance names a case that Autobahn does not have', () => {
  const known = new Set(Object.values(caseCounts).flatMap(idsOf))
  expect([...covered].filter((id) => !known.has(id))).toEqual([])
})
