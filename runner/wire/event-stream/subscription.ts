import { ContentDecoder } from '../http1/content-decoder.ts'
import { Inbox, type Timed } from '../inbox.ts'
import { describeEnd } from '../connection.ts'
import type { Exchange } from '../exchange.ts'
import { EventStreamParser, type StreamObservation } from './parser.ts'
import type { Limits } from '../limits.ts'
import type { Finding } from '../finding.ts'
import { show } from '../bytes/bytes.ts'

/** What a subscriber sees: what the parser says, and the end of the stream. */
export type SubscriptionObservation = StreamObservation | { readonly kind: 'end'; readonly how: string }

export interface SubscriptionOptions {
  readonly limits: Limits
  readonly onFinding: (finding: Finding) => void
  /** Told of everything before whoever waits for it. */
  readonly onSeen?: (observation: SubscriptionObservation) => void
  /** The first event greets the client, and is passed over. */
  readonly greeted?: boolean
}

/** Reads one response as an event stream (WHATWG HTML section 9.2.6). */
export class EventSubscription {
  readonly exchange: Exchange
  readonly inbox: Inbox<SubscriptionObservation>
  readonly #parser: EventStreamParser
  readonly #onSeen: SubscriptionOptions['onSeen']
  #isSilent = true
  #isGreeted: boolean
  #firstEvent: Timed<SubscriptionObservation> | undefined

  constructor(exchange: Exchange, options: SubscriptionOptions) {
    this.exchange = exchange
    this.#onSeen = options.onSeen
    this.#isGreeted = options.greeted === true
    const { wire } = exchange.connection
    this.inbox = new Inbox(wire.changes)
    this.#parser = new EventStreamParser(options)
    const coding = new ContentDecoder(options.limits.connectionBytes, (bytes) =>
      this.#put(this.#parser.push(bytes)),
    )
    exchange.read((bytes) => {
      this.#isSilent &&= bytes.length === 0
      return coding.push(bytes, exchange.head?.headers.get('content-encoding'))
    })
    void exchange
      .completed(new AbortController().signal)
      .then(() => coding.end())
      .then((broken) => this.#finish(broken))
  }

  /** Not one byte came after the header section. */
  get isSilent(): boolean {
    return this.#isSilent
  }

  /** The first event on the stream, and when it came. */
  get firstEvent(): Timed<SubscriptionObservation> | undefined {
    return this.#firstEvent
  }

  /** What a client would send as Last-Event-ID when it reconnects now. */
  get lastEventId(): string {
    return this.#parser.lastEventId
  }

  /** The announced reconnection time in milliseconds, or undefined without one. */
  get reconnectionTime(): number | undefined {
    return this.#parser.reconnectionTime
  }

  #put(observations: readonly SubscriptionObservation[]): void {
    for (const observation of observations) {
      if (this.#isGreeted && observation.kind === 'event') {
        this.#isGreeted = false
        continue
      }
      const at = this.exchange.connection.wire.now()
      if (observation.kind === 'event') this.#firstEvent ??= { at, seen: observation }
      this.#onSeen?.(observation)
      this.inbox.put(at, observation)
    }
  }

  #finish(broken: string | undefined): void {
    const { completion, connection } = this.exchange
    if (broken !== undefined) this.#put([{ kind: 'malformed', what: broken }])
    if (!connection.wire.closedByKit) this.#put(this.#parser.end())
    const ended = connection.wire.ended
    const how =
      completion?.kind === 'broken'
        ? completion.what
        : ended === undefined
          ? 'the response was completed'
          : `the connection ${describeEnd(ended)}`
    this.#put([{ kind: 'end', how }])
  }
}

/** One observation in words. */
export function describeSubscriptionObservation(observation: SubscriptionObservation): string {
  switch (observation.kind) {
    case 'event': {
      const id =
        observation.lastEventId === '' ? '' : `, last event ID ${JSON.stringify(observation.lastEventId)}`
      return `a ${JSON.stringify(observation.type)} event with ${show(Buffer.from(observation.data), 200)}${id}`
    }
    case 'undispatched':
      return 'a block without data, which dispatches nothing'
    case 'comment':
      return `a comment ${JSON.stringify(observation.text)}`
    case 'retry':
      return `a reconnection time of ${observation.milliseconds} ms`
    case 'malformed':
      return `a stream that cannot be read: ${observation.what}`
    case 'end':
      return `the end of the stream: ${observation.how}`
  }
}
