import { createHash } from 'node:crypto'
import type { Fault, Technique, Variant } from '../../../fixtures/proxy/variant.ts'
import type { Case, Instance } from '../../chapters/chapter.ts'

/** The cases that prove a requirement which the fault breaks, with only the instances that prove it. */
export const casesProvingBroken = (cases: readonly Case[], fault: Fault): Case[] =>
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

/** The techniques that an instance uses, according to its needs. */
function techniquesOf({ needs }: Instance): Technique[] {
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

/** Cases of this protocol notice every change to an update on its way, so they are not unrelated to any fault. */
const endToEnd = 'delivery'

/**
 * A sample of unrelated cases that use a technique which the fault touches, one instance of each, to find collateral
 * damage. Cases that take long or must run alone are left out. The choice depends only on the seed.
 */
export function sample(cases: readonly Case[], fault: Fault, most: number, seed: string): Case[] {
  if (fault.wide) return []
  const own = new Set(casesProvingBroken(cases, fault).map(({ id }) => id))
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

/** Whether the instance uses a technique that the variant touches. */
export const canNotice = (instance: Instance, fault: Variant): boolean =>
  techniquesOf(instance).some((one) => fault.touches.includes(one))

/** Every instance that uses a technique which the variant touches, except those that take long. */
export const casesTouched = (cases: readonly Case[], variant: Variant): Case[] =>
  cases
    .filter(({ full }) => !full)
    .map((entry) => withInstances(entry, (one) => canNotice(one, variant)))
    .filter(({ instances }) => instances.length > 0)
