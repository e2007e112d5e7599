import { EventSource } from 'eventsource'
import { fetch } from 'undici'
import type { Address } from '../../targets/address.ts'
import type { Target } from '../../targets/target.ts'
import { Actor } from '../stage/actor.ts'
import { Inbox } from '../../wire/inbox.ts'
import type { SubscriptionObservation } from '../../wire/event-stream/subscription.ts'
import { ChangeNotifier } from '../../wire/change-notifier.ts'
import { deadline } from '../../wire/deadline.ts'

/** The stock `eventsource` client with a record of what its user sees. */
export class StockEventSource extends Actor {
  static readonly kindName = 'a stock client'
  readonly #changes = new ChangeNotifier()
  readonly inbox = new Inbox<SubscriptionObservation>(this.#changes)
  readonly #source: EventSource
  readonly #note: (what: string) => void
  readonly #now: () => number
  readonly #opens: number[] = []
  #lostAt: number | undefined
  /** On how many of its streams the first event has come. */
  #greetings = 0
  readonly #isGreeted: boolean
  #cut: (() => void) | undefined
  /** Last-Event-ID of the latest request. */
  lastEventIdSent: string | undefined

  constructor(
    name: string,
    address: Address,
    target: Target,
    note: (what: string) => void,
    now: () => number,
  ) {
    super(name)
    this.#note = note
    this.#now = now
    this.#isGreeted = target.description.sse?.greeting === true
    this.#source = new EventSource(address.url, {
      fetch: (url, init) => this.#fetch(url, init, address, target),
    })
    this.#source.addEventListener('open', () => this.#mark('open', () => this.#opens.push(now())))
    this.#source.addEventListener('error', (event) =>
      this.#mark(`error ${event.message ?? ''}`, () => (this.#lostAt = now())),
    )
    for (const type of new Set(['message', target.description.sse?.event ?? 'message']))
      this.#source.addEventListener(type, (event) =>
        this.#see(event.type, String(event.data), event.lastEventId),
      )
  }

  get state(): string {
    return ['connecting', 'open', 'closed for good'][this.#source.readyState] ?? 'unknown'
  }

  opened(signal: AbortSignal): Promise<boolean> {
    return this.#changes.until(() => this.#opens.length > 0, signal)
  }

  override waitForLoss(signal: AbortSignal): Promise<boolean> {
    return this.#changes.until(() => this.#lostAt !== undefined, signal)
  }

  reopened(signal: AbortSignal): Promise<boolean> {
    return this.#changes.until(() => this.reconnectedAfter !== undefined, signal)
  }

  gaveUp(signal: AbortSignal): Promise<boolean> {
    return this.#changes.until(() => this.#source.readyState === EventSource.CLOSED, signal)
  }

  /** Milliseconds from the loss of the stream to the next open one; undefined before that. */
  get reconnectedAfter(): number | undefined {
    const lost = this.#lostAt
    const again = lost === undefined ? undefined : this.#opens.find((at) => at >= lost)
    return lost === undefined || again === undefined ? undefined : again - lost
  }

  /** Breaks the connection under the client, as a network does. */
  override leave(): void {
    this.#cut?.()
  }

  close(): void {
    this.#source.close()
    this.#cut?.()
  }

  /** The client's own fetch, with the fields of the description, and a body that can be broken. */
  async #fetch(url: string | URL, init: object, address: Address, target: Target) {
    const wanted = init as { headers?: Record<string, string>; signal?: AbortSignal }
    this.lastEventIdSent = wanted.headers?.['Last-Event-ID']
    this.#note(
      `GET ${String(url)}${this.lastEventIdSent === undefined ? '' : `, Last-Event-ID: ${this.lastEventIdSent}`}`,
    )
    const breaker = new AbortController()
    const response = await fetch(url, {
      headers: { ...Object.fromEntries(address.headers), ...wanted.headers },
      signal: deadline(Infinity, breaker.signal, ...(wanted.signal ? [wanted.signal] : [])).signal,
      dispatcher: target.agent,
    })
    const reader = response.body?.getReader()
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const part = await reader?.read()
        if (part === undefined || part.done) controller.close()
        else controller.enqueue(part.value as Uint8Array)
      },
      start: (controller) => {
        this.#cut = () => {
          controller.error(new TypeError('the connection was cut'))
          breaker.abort()
        }
      },
    })
    return {
      body,
      url: response.url,
      status: response.status,
      redirected: response.redirected,
      headers: response.headers,
    }
  }

  #mark(what: string, record: () => void): void {
    this.#note(what.trim())
    record()
    this.#changes.notify()
  }

  #see(type: string, data: string, lastEventId: string): void {
    this.#note(`${type} event`)
    if (this.#greetings < this.#opens.length) {
      this.#greetings = this.#opens.length
      if (this.#isGreeted) return
    }
    this.inbox.put(this.#now(), { kind: 'event', type, data, lastEventId, block: { lines: [] } })
  }
}
