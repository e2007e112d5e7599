import type { SubscriptionObservation } from '../../wire/event-stream/subscription.ts'

type Dispatched = Extract<SubscriptionObservation, { kind: 'event' }>

/** How many ids are remembered in one run. */
const mostIds = 100_000
/** Longer ids, in characters, are ignored. */
const longestId = 1000
/** How many characters of the type and the data of an event are remembered. */
const mostShown = 100

/** Which event has which id at which address, over all event streams of a run. */
export class KnownIds {
  readonly #events = new Map<string, string>()

  /** Describes the reuse of an id if another event at this address had it before; undefined otherwise. */
  describeReuse(address: string, { type, data, block }: Dispatched): string | undefined {
    const id = block.lines.findLast(({ field }) => field === 'id')?.value ?? ''
    if (id === '' || id.length > longestId) return undefined
    const [shownType, beginning] = [type, data].map((text) => JSON.stringify(text.slice(0, mostShown)))
    const event = `an event of type ${shownType} with ${data.length} characters ${beginning}`
    const key = JSON.stringify([address, id])
    const known = this.#events.get(key)
    if (known === undefined && this.#events.size < mostIds) this.#events.set(key, event)
    return known === undefined || known === event
      ? undefined
      : `the id ${JSON.stringify(id)} for ${event}, and earlier for ${known}`
  }
}
