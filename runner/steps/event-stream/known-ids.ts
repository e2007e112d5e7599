import type { SubscriptionObservation } from '../../wire/event-stream/subscription.ts'

type Dispatched = Extract<SubscriptionObservation, { kind: 'event' }>

/** Ids that are remembered in one run, and characters of an id and of an event. */
const mostIds = 100_000
const longestId = 1000
const mostShown = 100

/** Which event had which id at which address, over all streams of a run. */
export class KnownIds {
  readonly #events = new Map<string, string>()

  /** What is wrong with the id that an event brings along, if another event had it before. */
  clash(address: string, { type, data, block }: Dispatched): string | undefined {
    const id = block.lines.findLast(({ field }) => field === 'id')?.value ?? ''
    if (id === '' || id.length > longestId) return undefined
    const [kind, beginning] = [type, data].map((text) => JSON.stringify(text.slice(0, mostShown)))
    const event = `${data.length} characters ${beginning} of type ${kind}`
    const key = JSON.stringify([address, id])
    const known = this.#events.get(key)
    if (known === undefined && this.#events.size < mostIds) this.#events.set(key, event)
    return known === undefined || known === event
      ? undefined
      : `the id ${JSON.stringify(id)} for ${event}, and before for ${known}`
  }
}
