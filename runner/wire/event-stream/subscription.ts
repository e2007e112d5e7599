import { ContentDecoder } from './content-decoder.ts'
import { Inbox, type Timed } from '../inbox.ts'
import { describeEnd } from '../connection.ts'
import type { Exchange } from '../exchange.ts'
import { EventStreamParser, type StreamObservation } from './parser.ts'
import type { Limits } from '../limits.ts'
import type { Finding } from '../finding.ts'
import { show } from '../bytes/bytes.ts'

/** An observation of a subscriber: from the parser, or the end of the stream. */
export type SubscriptionObservation = StreamObservation | { readonly kind: 'end'; readonly how: string }

export interface SubscriptionOptions {
  readonly limits: Limits
  readonly onFinding: (finding: Finding) => void
  /** Called with each observation before it is put in the inbox. */
  readonly onObservation?: (observation: SubscriptionObservation) => void
  /** The first event is a greeting, and is ignored (default: false). */
  readonly skipsGreeting?: boolean
}

/** Reads one response as an event stream (WHATWG HTML section 9.2.6). */
export class EventSubscription {
  readonly exchange: Exchange
  readonly inbox: Inbox<SubscriptionObservation>
  readonly #parser: EventStreamParser
  readonly #onObservation: SubscriptionOptions['onObservation']
  #received = 0
  #firstContentAt: number | undefined
  #how: string | undefined
  #unfinishedEvent: string | undefined
  #awaitsGreeting: boolean
  #firstEvent: Timed<SubscriptionObservation> | undefined

  constructor(exchange: Exchange, options: SubscriptionOptions) {
    this.exchange = exchange
    this.#onObservation = options.onObservation
    this.#awaitsGreeting = options.skipsGreeting === true
    const { wire } = exchange.connection
    this.inbox = new Inbox(wire.changes)
    const { limits, onFinding } = options
    this.#parser = new EventStreamParser({
      limits,
      onFinding: (finding) => {
        if (finding.rule === 'sse-unfinished-event-lost') this.#unfinishedEvent = finding.detail
        onFinding(finding)
      },
    })
    const decoder = new ContentDecoder(limits.connectionBytes, (bytes) => this.#put(this.#parser.push(bytes)))
    exchange.read((bytes) => {
      this.#received += bytes.length
      this.#firstContentAt ??= wire.now()
      return decoder.push(bytes, exchange.head?.headers.get('content-encoding'))
    })
    void exchange
      .completed(new AbortController().signal)
      // The decoder may still hold content when the response has ended.
      .then(() => decoder.end())
      .then((decodingError) => this.#finish(decodingError))
  }

  /** Bytes of content that were received, before content decoding. */
  get received(): number {
    return this.#received
  }

  /** When the first content arrived, in milliseconds since the start of the case. */
  get firstContentAt(): number | undefined {
    return this.#firstContentAt
  }

  /** Everything is read, and the end is in the inbox. */
  get isFinished(): boolean {
    return this.#how !== undefined
  }

  /** How the stream has ended, in words; undefined while it is open. */
  get how(): string | undefined {
    return this.#how
  }

  /** Waits until everything is read; false if `signal` aborts first. The response may be complete a little earlier. */
  finished(signal: AbortSignal): Promise<boolean> {
    return this.exchange.until(() => this.isFinished, signal)
  }

  /** Describes an event that the complete stream has left without its blank line. */
  get unfinishedEvent(): string | undefined {
    return this.#unfinishedEvent
  }

  /** The first event after a greeting. */
  get firstEvent(): Timed<SubscriptionObservation> | undefined {
    return this.#firstEvent
  }

  /** The Last-Event-ID of a client that reconnects now. */
  get lastEventId(): string {
    return this.#parser.lastEventId
  }

  /** The announced reconnection time in milliseconds, or undefined. */
  get reconnectionTime(): number | undefined {
    return this.#parser.reconnectionTime
  }

  #put(observations: readonly SubscriptionObservation[]): void {
    for (const observation of observations) {
      if (this.#awaitsGreeting && observation.kind === 'event') {
        this.#awaitsGreeting = false
        continue
      }
      const at = this.exchange.connection.wire.now()
      if (observation.kind === 'event') this.#firstEvent ??= { at, seen: observation }
      this.#onObservation?.(observation)
      this.inbox.put(at, observation)
    }
  }

  #finish(decodingError: string | undefined): void {
    const { completion, connection } = this.exchange
    if (decodingError !== undefined) this.#put([{ kind: 'malformed', what: decodingError }])
    if (this.#isEndOfTarget()) this.#put(this.#parser.end())
    const ended = connection.wire.ended
    const how =
      completion?.kind === 'broken'
        ? completion.what
        : ended === undefined
          ? 'the response was completed'
          : `the connection ${describeEnd(ended)}`
    this.#how = how
    this.#put([{ kind: 'end', how }])
  }

  /** Whether the target has ended the stream, so that it must have completed the last event: nothing broke it off. */
  #isEndOfTarget(): boolean {
    const { completion, connection } = this.exchange
    if (completion?.kind !== 'complete' || connection.wire.closedByKit) return false
    // The end of the connection may also be the end of a client that reads too slowly.
    return completion.framing !== 'close' || !connection.wire.wasPaused
  }
}

/** Describes an observation for messages. */
export function describeSubscriptionObservation(observation: SubscriptionObservation): string {
  switch (observation.kind) {
    case 'event': {
      const id =
        observation.lastEventId === '' ? '' : `, last event ID ${JSON.stringify(observation.lastEventId)}`
      return `a ${JSON.stringify(observation.type)} event with ${show(Buffer.from(observation.data), 200)}${id}`
    }
    case 'undispatched':
      return 'a block without data'
    case 'comment':
      return `a comment ${JSON.stringify(observation.text)}`
    case 'retry':
      return `a reconnection time of ${observation.milliseconds} ms`
    case 'malformed':
      return `a stream that cannot be parsed: ${observation.what}`
    case 'end':
      return `the end of the stream: ${observation.how}`
  }
}
