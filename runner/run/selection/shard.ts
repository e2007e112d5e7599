import type { Case, Instance } from '../../chapters/chapter.ts'

/** One of `of` parts of a run, counted from 1. */
export interface Shard {
  readonly index: number
  readonly of: number
}

/** How long each instance took in an earlier run, in milliseconds, by `instanceKey`. */
export type Durations = ReadonlyMap<string, number>

/** Assumed for an instance without a known duration, in milliseconds, unless there is a median of known ones. */
const usualMs = 50
/** Every instance counts as at least this, in milliseconds, so that instances that took no time are spread too. */
const leastMs = 1

/** Identifies an instance in reports and in chapters. */
export const instanceKey = (id: string, instance: string): string => `${id} ${instance}`

/**
 * The instances of one shard. Every shard computes the same parts from the same cases and durations: instances are
 * assigned in the order of their duration, the longest first, each to the part with the least total; ties are broken by
 * address.
 */
export function takeShard(
  cases: readonly Case[],
  { index, of }: Shard,
  durations: Durations = new Map(),
): Case[] {
  const keys = cases.flatMap(({ id, instances }) => instances.map(({ name }) => instanceKey(id, name)))
  const unknownMs = median(keys.flatMap((key) => durations.get(key) ?? [])) ?? usualMs
  const timed = keys.map((key) => ({ key, ms: Math.max(leastMs, durations.get(key) ?? unknownMs) }))
  const loads = Array.from({ length: of }, () => 0)
  const mine = new Set<string>()
  for (const { key, ms } of timed.toSorted(longestFirst)) {
    const part = loads.indexOf(Math.min(...loads))
    loads[part] = (loads[part] ?? 0) + ms
    if (part === index - 1) mine.add(key)
  }
  return keepInstances(cases, ({ id }, { name }) => mine.has(instanceKey(id, name)))
}

interface Timed {
  readonly key: string
  readonly ms: number
}

/** Compares by code units, since a comparison by locale could differ between machines. */
const longestFirst = (one: Timed, other: Timed): number =>
  other.ms - one.ms || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0)

/** Undefined of no numbers. */
function median(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((one, other) => one - other)
  const middle = (sorted.length - 1) / 2
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}

/** Keeps the instances for which `keeps` holds, and the cases that still have one. */
export const keepInstances = (
  cases: readonly Case[],
  keeps: (entry: Case, instance: Instance) => boolean,
): Case[] =>
  cases
    .map((entry) => ({ ...entry, instances: entry.instances.filter((instance) => keeps(entry, instance)) }))
    .filter(({ instances }) => instances.length > 0)

/** Environment variables of parallel jobs, and the index of the first job. */
const parallelJobs = [
  { ci: 'GitLab', index: 'CI_NODE_INDEX', of: 'CI_NODE_TOTAL', first: 1 },
  { ci: 'CircleCI', index: 'CIRCLE_NODE_INDEX', of: 'CIRCLE_NODE_TOTAL', first: 0 },
  { ci: 'Buildkite', index: 'BUILDKITE_PARALLEL_JOB', of: 'BUILDKITE_PARALLEL_JOB_COUNT', first: 0 },
  // Kubernetes sets the index of an indexed job; the manifest must set the count.
  { ci: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', of: 'JOB_COMPLETIONS', first: 0 },
] as const

/** The variables that `shardOfEnvironment` reads, as text for a message. */
export const parallelVariables = parallelJobs
  .map(({ ci, index, of, first }) => `${ci} ${index} (from ${first}) and ${of}`)
  .join(', ')

/** The shard that the CI's variables name; undefined if there are none, or if the index is not below the count. */
export function shardOfEnvironment(env: Readonly<Record<string, string | undefined>>): Shard | undefined {
  const number = (name: string): number => (/^\d+$/.test(env[name] ?? '') ? Number(env[name]) : Number.NaN)
  return parallelJobs
    .map(({ index, of, first }): Shard => ({ index: number(index) - first + 1, of: number(of) }))
    .find(({ index, of }) => index >= 1 && index <= of)
}
