import { EventSource } from 'eventsource'
import { errors, fetch, Headers } from 'undici'
import type { Address } from '../../targets/address.ts'
import type { Target } from '../../targets/target.ts'
import { Actor } from '../stage/actor.ts'
import { Inbox } from '../../wire/inbox.ts'
import type { Limits } from '../../wire/limits.ts'
import type { SubscriptionObservation } from '../../wire/event-stream/subscription.ts'
import { ChangeNotifier } from '../../wire/change-notifier.ts'
import { deadline } from '../../wire/deadline.ts'
import { ArrivedStream } from './arrived-stream.ts'

export interface StockClientOptions {
  readonly target: Target
  readonly limits: Limits
  readonly note: (what: string) => void
  /** Milliseconds since the start of the case. */
  readonly now: () => number
}

/** The reconnection time of the stock client until a stream announces one, in milliseconds. */
const defaultReconnectionMs = 3000

/**
 * The stock `eventsource` client, with a record of what its users observe and of what arrived for it. A target is
 * judged by what arrived: this client has its own delays and mistakes.
 */
export class StockEventSource extends Actor {
  static readonly kindName = 'a stock client'
  readonly #changes = new ChangeNotifier()
  readonly inbox = new Inbox<SubscriptionObservation>(this.#changes)
  readonly #source: EventSource
  readonly #note: (what: string) => void
  readonly #now: () => number
  readonly #openedAt: number[] = []
  #lostAt: number | undefined
  /** On how many of its streams the first event has arrived. */
  #startedStreams = 0
  /** Whether the first event of each stream is a greeting, which is ignored. */
  readonly #hasGreeting: boolean
  #breakConnection: (() => void) | undefined
  readonly #limits: Limits
  #parserError: string | undefined
  /** The responses to its requests; undefined for a request without a response. */
  readonly #responses: (ArrivedStream | undefined)[] = []
  /** The Last-Event-ID of the latest request. */
  lastEventIdSent: string | undefined

  constructor(name: string, address: Address, { target, limits, note, now }: StockClientOptions) {
    super(name)
    this.#note = note
    this.#now = now
    this.#limits = limits
    this.#hasGreeting = target.description.sse?.greeting === true
    this.#source = new EventSource(address.url, {
      fetch: (url, init) => this.#fetch(url, init, address, target),
    })
    this.#source.addEventListener('open', () => this.#record('open', () => this.#openedAt.push(now())))
    this.#source.addEventListener('error', (event) =>
      this.#record(`error ${event.message ?? ''}`, () => (this.#lostAt = now())),
    )
    for (const type of new Set(['message', target.description.sse?.event ?? 'message']))
      this.#source.addEventListener(type, (event) =>
        this.#receive(event.type, String(event.data), event.lastEventId),
      )
  }

  get state(): string {
    return ['connecting', 'open', 'closed permanently'][this.#source.readyState] ?? 'unknown'
  }

  /** Why the HTTP parser of the client could not read a response; undefined if it could. */
  get parserError(): string | undefined {
    return this.#parserError
  }

  /** The response to its latest request; undefined if there is none. */
  get response(): ArrivedStream | undefined {
    return this.#responses.at(-1)
  }

  /** The events that arrived for it, on all of its streams, whether it has dispatched them or not. */
  get arrived(): readonly Extract<SubscriptionObservation, { kind: 'event' }>[] {
    return this.#responses.flatMap((response) => response?.events ?? [])
  }

  /** The reconnection time that its streams have announced last, or its own, in milliseconds. */
  get reconnectionMs(): number {
    const announced = this.#responses.findLast((response) => response?.reconnectionTime !== undefined)
    return announced?.reconnectionTime ?? defaultReconnectionMs
  }

  opened(signal: AbortSignal): Promise<boolean> {
    return this.#changes.until(() => this.#openedAt.length > 0, signal)
  }

  override waitForLoss(signal: AbortSignal): Promise<boolean> {
    return this.#changes.until(() => this.#lostAt !== undefined, signal)
  }

  reopened(signal: AbortSignal): Promise<boolean> {
    return this.#changes.until(() => this.hasReconnected, signal)
  }

  gaveUp(signal: AbortSignal): Promise<boolean> {
    return this.#changes.until(() => this.#source.readyState === EventSource.CLOSED, signal)
  }

  /** It has lost a stream and opened the next one. */
  get hasReconnected(): boolean {
    const lost = this.#lostAt
    return lost !== undefined && this.#openedAt.some((at) => at >= lost)
  }

  /** Breaks the connection without telling the client, as a failing network does. */
  override leave(): void {
    this.#breakConnection?.()
  }

  close(): void {
    this.#source.close()
    this.#breakConnection?.()
  }

  /** Fetches for the client: with the fields of the target description, and a connection that can be broken. */
  async #fetch(url: string | URL, init: object, address: Address, target: Target) {
    const requested = init as { headers?: Record<string, string>; signal?: AbortSignal }
    this.lastEventIdSent = requested.headers?.['Last-Event-ID']
    this.#note(
      `GET ${String(url)}${this.lastEventIdSent === undefined ? '' : `, Last-Event-ID: ${this.lastEventIdSent}`}`,
    )
    const breaker = new AbortController()
    const at = this.#responses.push(undefined) - 1
    const noteParserError = (error: unknown): never => {
      const { cause = error } = error as { cause?: unknown }
      if (cause instanceof errors.HTTPParserError) this.#parserError = cause.message
      throw error
    }
    const response = await fetch(url, {
      headers: { ...Object.fromEntries(address.headers), ...requested.headers },
      signal: deadline(Infinity, breaker.signal, ...(requested.signal ? [requested.signal] : [])).signal,
      dispatcher: target.agent,
    }).catch(noteParserError)
    const contentType = response.headers.get('content-type') ?? ''
    const arrived = new ArrivedStream({ status: response.status, contentType }, this.#limits)
    this.#responses[at] = arrived
    this.#changes.notify()
    const reader = response.body?.getReader()
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const part = await reader?.read().catch(noteParserError)
        if (part === undefined || part.done) controller.close()
        else controller.enqueue(arrived.take(part.value as Uint8Array))
      },
      start: (controller) => {
        this.#breakConnection = () => {
          controller.error(new TypeError('the connection was broken'))
          breaker.abort()
        }
      },
    })
    return {
      body,
      url: response.url,
      status: response.status,
      redirected: response.redirected,
      headers: forStockClient(response.headers, arrived),
    }
  }

  #record(what: string, update: () => void): void {
    this.#note(what.trim())
    update()
    this.#changes.notify()
  }

  #receive(type: string, data: string, lastEventId: string): void {
    this.#note(`${type} event`)
    if (this.#startedStreams < this.#openedAt.length) {
      this.#startedStreams = this.#openedAt.length
      if (this.#hasGreeting) return
    }
    this.inbox.put(this.#now(), { kind: 'event', type, data, lastEventId, block: { lines: [] } })
  }
}

/** The fields of a response for the stock client, which knows the media type only in small letters. */
function forStockClient(headers: Headers, { isEventStream, contentType }: ArrivedStream): Headers {
  const changed = new Headers(headers)
  if (isEventStream) changed.set('Content-Type', contentType.replace(/^[^;]*/, 'text/event-stream'))
  return changed
}
