import { expect, test } from '@jest/globals'
import fc from 'fast-check'

import { shardOfEnvironment, takeShard } from '../../../runner/run/selection/shard.ts'
import type { Case, Instance } from '../../../runner/chapters/chapter.ts'

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

const loadsOf = (cases: readonly Case[], of: number, durations: ReadonlyMap<string, number>, unknown = 0) =>
  Array.from({ length: of }, (_, part) =>
    names(takeShard(cases, { index: part + 1, of }, durations)).reduce(
      (sum, name) => sum + (durations.get(name) ?? unknown),
      0,
    ),
  )

const spread = (loads: readonly number[]): number => Math.max(...loads) - Math.min(...loads)

/** Durations of some of the instances, in no order. */
const timesOf = (cases: readonly Case[]) =>
  fc
    .array(fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }), { minLength: 72, maxLength: 72 })
    .map(
      (times) =>
        new Map(
          names(cases).flatMap((name, index) => {
            const ms = times[index]
            return ms === undefined ? [] : [[name, ms] as const]
          }),
        ),
    )

const timedCases = someCases.chain((cases) => fc.tuple(fc.constant(cases), timesOf(cases)))
const parts = fc.integer({ min: 1, max: 7 })

test('the shards together hold every instance once, whatever of it is timed', () => {
  fc.assert(
    fc.property(timedCases, parts, ([cases, durations], of) => {
      const all = Array.from({ length: of }, (_, part) =>
        names(takeShard(cases, { index: part + 1, of }, durations)),
      )
      expect(all.flat().toSorted()).toEqual(names(cases).toSorted())
    }),
  )
})

test('no shard takes longer than another by more than the longest instance', () => {
  fc.assert(
    fc.property(timedCases, parts, ([cases, durations], of) => {
      const times = [...durations.values()].toSorted((one, other) => one - other)
      // What is not timed takes as long as what is in the middle.
      const [low = 50, high = low] = times.slice((times.length - 1) / 2, times.length / 2 + 1)
      const unknown = (low + high) / 2
      expect(spread(loadsOf(cases, of, durations, unknown))).toBeLessThanOrEqual(Math.max(unknown, ...times))
    }),
  )
})

test('what nobody has timed is dealt out evenly', () => {
  const cases = [caseWith('timed', ['a', 'b', 'c']), caseWith('new', ['a', 'b', 'c', 'd'])]
  const durations = new Map([
    ['timed a', 1],
    ['timed b', 100],
    ['timed c', 300],
  ])
  // 300 | 100 + 1 + … : each of the four new ones counts as 100.
  expect(loadsOf(cases, 2, durations, 100).toSorted((one, other) => one - other)).toEqual([400, 401])
})

test('what took no time is spread over all parts', () => {
  const cases = [caseWith('skipped', ['a', 'b', 'c', 'd'])]
  const none = new Map(names(cases).map((name) => [name, 0]))
  expect(names(takeShard(cases, { index: 1, of: 2 }, none))).toEqual(['skipped a', 'skipped c'])
})

test('the parts do not depend on the order of the cases', () => {
  fc.assert(
    fc.property(timedCases, parts, ([cases, durations], of) => {
      const mine = (list: readonly Case[]) => names(takeShard(list, { index: 1, of }, durations)).toSorted()
      expect(mine(cases.toReversed())).toEqual(mine(cases))
    }),
  )
})

test.each([
  ['CI_NODE_INDEX=1 CI_NODE_TOTAL=1', { index: 1, of: 1 }],
  ['CI_NODE_INDEX=2 CI_NODE_TOTAL=4', { index: 2, of: 4 }],
  ['CIRCLE_NODE_INDEX=0 CIRCLE_NODE_TOTAL=3', { index: 1, of: 3 }],
  ['CIRCLE_NODE_INDEX=2 CIRCLE_NODE_TOTAL=3', { index: 3, of: 3 }],
  ['BUILDKITE_PARALLEL_JOB=0 BUILDKITE_PARALLEL_JOB_COUNT=3', { index: 1, of: 3 }],
  ['BUILDKITE_PARALLEL_JOB=2 BUILDKITE_PARALLEL_JOB_COUNT=3', { index: 3, of: 3 }],
  ['JOB_COMPLETION_INDEX=0 JOB_COMPLETIONS=2', { index: 1, of: 2 }],
  ['JOB_COMPLETION_INDEX=1 JOB_COMPLETIONS=2', { index: 2, of: 2 }],
  // GitLab counts from 1, the others from 0.
  ['CI_NODE_INDEX=0 CI_NODE_TOTAL=4', undefined],
  ['CIRCLE_NODE_INDEX=3 CIRCLE_NODE_TOTAL=3', undefined],
  ['BUILDKITE_PARALLEL_JOB=3 BUILDKITE_PARALLEL_JOB_COUNT=3', undefined],
  // Kubernetes itself sets no count.
  ['JOB_COMPLETION_INDEX=1', undefined],
  ['CI_NODE_TOTAL=4', undefined],
  ['CI_NODE_INDEX=one CI_NODE_TOTAL=4', undefined],
])('%s is shard %j', (variables, shard) => {
  const env = Object.fromEntries(variables.split(' ').map((one) => one.split('=')))
  expect(shardOfEnvironment(env)).toEqual(shard)
})
