import { createHash } from 'node:crypto'
import type { Fault, Technique } from '../../fixtures/faults/proxy/fault.ts'
import type { Case, Instance } from '../chapters/chapter.ts'

/** The cases that prove a requirement that the fault breaks, with only the instances that do so. */
export const casesAbout = (cases: readonly Case[], fault: Fault): Case[] =>
  cases
    .map((entry) => withInstances(entry, ({ proves }) => proves.some(({ id }) => fault.breaks.includes(id))))
    .filter(({ instances }) => instances.length > 0)

const byNeed: Readonly<Record<string, Technique>> = {
  http: 'http',
  polling: 'polling',
  'long-polling': 'long-polling',
  sse: 'sse',
  publish: 'publish',
}

/** The techniques that an instance uses, derived from its needs. */
export function techniquesOf({ needs }: Instance): Technique[] {
  return needs.flatMap((need) => {
    const [first = ''] = need.replace(/^delivery\./, '').split('.')
    if (need === 'websocket.updates' || need === 'delivery.websocket') return ['updates']
    return first === 'websocket' ? ['websocket'] : [byNeed[first]].filter((one) => one !== undefined)
  })
}

/** A case with only some of its instances. */
export const withInstances = (entry: Case, keep: (instance: Instance, index: number) => boolean): Case => ({
  ...entry,
  instances: entry.instances.filter(keep),
})

export const firstInstance = (entry: Case): Case => withInstances(entry, (_instance, index) => index === 0)

/** All but the first instance of the cases that have several. */
export const otherInstances = (cases: readonly Case[]): Case[] =>
  cases
    .map((entry) => withInstances(entry, (_instance, index) => index > 0))
    .filter(({ instances }) => instances.length > 0)

/** Cases about delivery from publisher to reader fail rightly whenever a fault changes an update on its way, so they are not sampled. */
const endToEnd = 'delivery'

/**
 * Cases that use a technique of the fault but should pass behind it, one instance of each; none that takes long or must be played
 * alone. The seed alone decides which.
 */
export function sampleUnrelated(cases: readonly Case[], fault: Fault, most: number, seed: string): Case[] {
  const own = new Set(casesAbout(cases, fault).map(({ id }) => id))
  const order = (id: string): string => createHash('sha256').update(`${seed} ${fault.id} ${id}`).digest('hex')
  return cases
    .filter(({ id, alone, full, protocol }) => !own.has(id) && !alone && !full && protocol !== endToEnd)
    .map((entry) => firstInstance(withInstances(entry, (one) => canNotice(one, fault))))
    .filter(({ instances }) => instances.length > 0)
    .map((entry) => ({ entry, rank: order(entry.id) }))
    .toSorted((a, b) => a.rank.localeCompare(b.rank))
    .slice(0, most)
    .map(({ entry }) => entry)
}

const canNotice = (instance: Instance, fault: Fault): boolean =>
  techniquesOf(instance).some((one) => fault.touches.includes(one))
