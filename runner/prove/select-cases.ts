import { createHash } from 'node:crypto'
import type { Fault, Technique } from '../../fixtures/faults/proxy/fault.ts'
import type { Case, Instance } from '../chapters/chapter.ts'

/** The cases that prove a requirement which the fault breaks, with the instances that do. */
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

/** What an instance talks to, as far as its needs say. */
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

/** All but the first instance, of the cases that have more than one. */
export const otherInstances = (cases: readonly Case[]): Case[] =>
  cases
    .map((entry) => withInstances(entry, (_instance, index) => index > 0))
    .filter(({ instances }) => instances.length > 0)

/** The contract from the publisher to the reader: whatever befalls an update on its way is noticed there, and rightly. */
const endToEnd = 'delivery'

/** Cases that could notice the fault but should not, one instance of each, none that takes long or wants the machine for itself; which ones depends on the seed alone. */
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
