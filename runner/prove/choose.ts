import { createHash } from 'node:crypto'
import type { Fault, Technique } from '../../fixtures/faults/fault.ts'
import type { Case } from '../spec/chapter.ts'

/** The cases that prove a requirement which the fault breaks. */
export const covered = (cases: readonly Case[], fault: Fault): Case[] =>
  cases.filter(({ proves }) => proves.some(({ id }) => fault.breaks.includes(id)))

const byNeed: Readonly<Record<string, Technique>> = {
  http: 'http',
  polling: 'polling',
  'long-polling': 'long-polling',
  sse: 'sse',
  publish: 'publish',
}

/** What a case talks to, as far as its needs say. */
export function techniquesOf({ needs }: Case): Technique[] {
  return needs.flatMap((need) => {
    const [first = ''] = need.split('.')
    if (need === 'websocket.updates') return ['updates']
    return first === 'websocket' ? ['websocket'] : [byNeed[first]].filter((one) => one !== undefined)
  })
}

/** A case with only some of its instances. */
export const withInstances = (entry: Case, keep: (name: string, index: number) => boolean): Case => ({
  ...entry,
  instances: entry.instances.filter(({ name }, index) => keep(name, index)),
})

export const firstInstance = (entry: Case): Case => withInstances(entry, (_name, index) => index === 0)

/** All but the first instance, of the cases that have more than one. */
export const otherInstances = (cases: readonly Case[]): Case[] =>
  cases
    .map((entry) => withInstances(entry, (_name, index) => index > 0))
    .filter(({ instances }) => instances.length > 0)

/** Cases that could notice the fault but should not, one instance of each, none that takes long or wants the machine for itself; which ones depends on the seed alone. */
export function sample(cases: readonly Case[], fault: Fault, most: number, seed: string): Case[] {
  const own = new Set(covered(cases, fault).map(({ id }) => id))
  const order = (id: string): string => createHash('sha256').update(`${seed} ${fault.id} ${id}`).digest('hex')
  return cases
    .filter(
      (entry) =>
        !own.has(entry.id) &&
        !entry.alone &&
        !entry.full &&
        techniquesOf(entry).some((one) => fault.touches.includes(one)),
    )
    .map((entry) => ({ entry, rank: order(entry.id) }))
    .toSorted((a, b) => a.rank.localeCompare(b.rank))
    .slice(0, most)
    .map(({ entry }) => firstInstance(entry))
}
