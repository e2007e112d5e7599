import type { Case, Instance } from '../spec/chapter.ts'

/** One of `of` parts of a run, counted from 1. */
export interface Shard {
  readonly index: number
  readonly of: number
}

/** Milliseconds that an instance is known to take; 50 where nothing is known. */
export type Durations = ReadonlyMap<string, number>

const usualMs = 50

const keyOf = (entry: Case, instance: Instance): string => `${entry.id} ${instance.name}`

/**
 * The instances of one shard. Every shard of the same cases computes the same parts: the longest instances are dealt out
 * first, each to the part that has the least so far; what is equal goes by its address.
 */
export function takeShard(
  cases: readonly Case[],
  { index, of }: Shard,
  durations: Durations = new Map(),
): Case[] {
  const all = cases.flatMap((entry) =>
    entry.instances.map((instance) => ({
      key: keyOf(entry, instance),
      ms: durations.get(keyOf(entry, instance)) ?? usualMs,
    })),
  )
  const loads = Array.from({ length: of }, () => 0)
  const mine = new Set<string>()
  for (const { key, ms } of all.toSorted(
    (one, other) => other.ms - one.ms || one.key.localeCompare(other.key),
  )) {
    const part = loads.indexOf(Math.min(...loads))
    loads[part] = (loads[part] ?? 0) + ms
    if (part === index - 1) mine.add(key)
  }
  return keepInstances(cases, (entry, instance) => mine.has(keyOf(entry, instance)))
}

/** The cases with those of their instances that `keeps` says; cases without any are left out. */
export const keepInstances = (
  cases: readonly Case[],
  keeps: (entry: Case, instance: Instance) => boolean,
): Case[] =>
  cases
    .map((entry) => ({ ...entry, instances: entry.instances.filter((instance) => keeps(entry, instance)) }))
    .filter(({ instances }) => instances.length > 0)

/** What the CI says of itself: GitLab, CircleCI, Buildkite, Kubernetes indexed jobs. Undefined where it says nothing. */
export function shardOfEnvironment(env: Readonly<Record<string, string | undefined>>): Shard | undefined {
  const number = (name: string): number | undefined =>
    /^\d+$/.test(env[name] ?? '') ? Number(env[name]) : undefined
  const known = [
    [number('CI_NODE_INDEX'), number('CI_NODE_TOTAL'), 0],
    [number('CIRCLE_NODE_INDEX'), number('CIRCLE_NODE_TOTAL'), 1],
    [number('BUILDKITE_PARALLEL_JOB'), number('BUILDKITE_PARALLEL_JOB_COUNT'), 1],
    [number('JOB_COMPLETION_INDEX'), number('JOB_COMPLETIONS'), 1],
  ] as const
  for (const [index, of, offset] of known)
    if (index !== undefined && of !== undefined && of > 0) return { index: index + offset, of }
  return undefined
}
