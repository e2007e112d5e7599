import { expect, test } from '@jest/globals'
import fc from 'fast-check'

import { shardOfEnvironment, takeShard } from '../../runner/run/shard.ts'
import type { Case, Instance } from '../../runner/spec/chapter.ts'

const caseWith = (id: string, names: readonly string[]): Case =>
  ({
    id,
    instances: names.map((name): Instance => ({
      name,
      params: {},
      also: [],
      proves: [],
      needs: [],
      steps: [],
    })),
  }) as unknown as Case

const names = (cases: readonly Case[]): string[] =>
  cases.flatMap(({ id, instances }) => instances.map(({ name }) => `${id} ${name}`))

const word = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('a', 'b', 'c', 'd') })
const someCases = fc
  .uniqueArray(fc.tuple(word, fc.uniqueArray(word, { minLength: 1, maxLength: 6 })), {
    minLength: 1,
    maxLength: 12,
    selector: ([id]) => id,
  })
  .map((rows) => rows.map(([id, list]) => caseWith(id, list)))

test('the shards together hold every instance once', () => {
  fc.assert(
    fc.property(someCases, fc.integer({ min: 1, max: 7 }), (cases, of) => {
      const parts = Array.from({ length: of }, (_, part) => names(takeShard(cases, { index: part + 1, of })))
      expect(parts.flat().toSorted()).toEqual(names(cases).toSorted())
    }),
  )
})

test('no shard takes longer than another by more than the longest instance', () => {
  fc.assert(
    fc.property(
      someCases,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 997 }),
      (cases, of, seed) => {
        const durations = new Map(names(cases).map((name, index) => [name, ((index + 1) * seed) % 1000]))
        const loads = Array.from({ length: of }, (_, part) =>
          names(takeShard(cases, { index: part + 1, of }, durations)).reduce(
            (sum, name) => sum + (durations.get(name) ?? 0),
            0,
          ),
        )
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(Math.max(...durations.values()))
      },
    ),
  )
})

test.each([
  [
    { CI_NODE_INDEX: '2', CI_NODE_TOTAL: '4' },
    { index: 2, of: 4 },
  ],
  [
    { CIRCLE_NODE_INDEX: '0', CIRCLE_NODE_TOTAL: '3' },
    { index: 1, of: 3 },
  ],
  [
    { BUILDKITE_PARALLEL_JOB: '2', BUILDKITE_PARALLEL_JOB_COUNT: '3' },
    { index: 3, of: 3 },
  ],
  [
    { JOB_COMPLETION_INDEX: '1', JOB_COMPLETIONS: '2' },
    { index: 2, of: 2 },
  ],
  [{ CI_NODE_TOTAL: '4' }, undefined],
])('%j is shard %j', (env: Readonly<Record<string, string | undefined>>, shard) => {
  expect(shardOfEnvironment(env)).toEqual(shard)
})
