import { createHash } from 'node:crypto'
import type { Fault, Technique } from '../../fixtures/faults/fault.ts'
import type { Case, Instance } from '../spec/chapter.ts'

/** The cases that prove a requirement which the fault breaks, with the instances that do. */
export const covered = (cases: readonly Case[], fault: Fault): Case[] =>
  cases.flatMap((entry) => {
    const instances = entry.instances.filter(({ proves }) =>
      proves.some(({ id }) => fault.breaks.includes(id)),
    )
    return instances.length === 0 ? [] : [{ ...entry, instances }]
  })

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

/** Cases that could notice the fault but should not, one instance of each; which ones depends on the seed alone. */
export function sample(cases: readonly Case[], fault: Fault, most: number, seed: string): Case[] {
  const own = new Set(covered(cases, fault).map(({ id }) => id))
  const order = (id: string): string => createHash('sha256').update(`${seed} ${fault.id} ${id}`).digest('hex')
  return cases
    .filter(({ id }) => !own.has(id))
    .flatMap((entry) => {
      const noticing = entry.instances.find((instance) => canNotice(instance, fault))
      return noticing === undefined ? [] : [{ ...entry, instances: [noticing] }]
    })
    .toSorted((a, b) => order(a.id).localeCompare(order(b.id)))
    .slice(0, most)
}

const canNotice = (instance: Instance, fault: Fault): boolean =>
  techniquesOf(instance).some((one) => fault.touches.includes(one))
