import { ChangeNotifier } from '../../../wire/change-notifier.ts'

/** The updates that one client has got and is expected to get. A client that continues in its place takes it over. */
export class DeliveryRecord {
  readonly channel: string
  /** The updates published since the client was opened, in the order of publication. */
  readonly expected: string[] = []
  readonly received: string[] = []
  readonly changes = new ChangeNotifier()
  readonly #markers = new Set<string>()
  readonly #isForeign: (text: string) => boolean
  /** Why the client receives nothing more, although it did not leave. */
  ended: string | undefined
  /** How many updates were received when another client continued in place of the first one. */
  continuedAfter: number | undefined
  /** How many markers arrived again. */
  repeatedMarkers = 0

  /** @param isForeign whether another case has published a text, on a channel that both see */
  constructor(channel: string, isForeign: (text: string) => boolean) {
    this.channel = channel
    this.#isForeign = isForeign
  }

  /** Adds an update that arrived. Updates before the first marker are older than the client, and ignored. */
  add(text: string): void {
    if (this.#isForeign(text)) return
    if (isMarker(text)) {
      if (this.#markers.has(text)) this.repeatedMarkers++
      this.#markers.add(text)
    } else if (this.#markers.size > 0) this.received.push(text)
    if (this.received.length + this.repeatedMarkers > this.expected.length + mostSurplus)
      this.end(`over ${mostSurplus} updates more than were published`)
    this.changes.notify()
  }

  hasMarker(marker: string): boolean {
    return this.#markers.has(marker)
  }

  end(why: string): void {
    this.ended ??= why
    this.changes.notify()
  }

  get isComplete(): boolean {
    return this.received.length >= this.expected.length
  }
}

/** A client stops after this many updates too many: the server may repeat them endlessly. */
const mostSurplus = 1000

/** The kit's own updates: they show that a client receives updates, and that no earlier update is still on its way. */
export const markerText = (nonce: string, number: number): string => `mark ${number} of ${nonce}`
const isMarker = (text: string): boolean => /^mark [0-9]+ of [0-9a-f]{12}$/.test(text)
