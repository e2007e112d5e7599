import { EventStreamParser, type StreamObservation } from '../../wire/event-stream/parser.ts'
import type { Limits } from '../../wire/limits.ts'

const CR = 13
const LF = 10

type Dispatched = Extract<StreamObservation, { kind: 'event' }>

/**
 * One response on its way to the stock client, read by the kit's parser as well: what a conforming client dispatches.
 * The stock client gets the same stream with LF for each line end, because it waits for the next byte after a CR.
 */
export class ArrivedStream {
  readonly status: number
  readonly contentType: string
  readonly events: Dispatched[] = []
  readonly #parser: EventStreamParser
  #endedWithCr = false

  constructor({ status, contentType }: { status: number; contentType: string }, limits: Limits) {
    this.status = status
    this.contentType = contentType
    this.#parser = new EventStreamParser({ limits, onFinding: () => undefined })
  }

  /** The reconnection time that this stream has announced, in milliseconds; undefined before that. */
  get reconnectionTime(): number | undefined {
    return this.#parser.reconnectionTime
  }

  /**
   * Whether a client takes it for an event stream. The media type is compared without regard to case (HTML section
   * 9.2.3, RFC 9110 section 8.3.1).
   */
  get isEventStream(): boolean {
    return this.status === 200 && /^text\/event-stream\s*(;|$)/i.test(this.contentType)
  }

  /** Reads the bytes, and returns them with LF for each line end (HTML section 9.2.5). */
  take(bytes: Uint8Array): Uint8Array {
    for (const seen of this.#parser.push(bytes)) if (seen.kind === 'event') this.events.push(seen)
    const out: number[] = []
    for (const byte of bytes) {
      if (byte !== LF || !this.#endedWithCr) out.push(byte === CR ? LF : byte)
      this.#endedWithCr = byte === CR
    }
    return Uint8Array.from(out)
  }
}
