import type { HeaderList } from './headers.ts'

/** A rule of the grammar that something received has broken; `rule` is a requirement id. */
export interface Finding {
  readonly rule: string
  /** What was seen, as a sentence that can stand in a report. */
  readonly detail: string
}

/** What the HTTP/1.1 response parser says. Bytes are as received; `raw` includes the line ends. */
export type HttpObservation =
  /** A status line and header section (RFC 9112 section 2.1); interim (1xx) ones too. */
  | { kind: 'head'; status: number; reason: string; version: string; headers: HeaderList; raw: Uint8Array }
  /** Content, with the transfer coding taken off. */
  | { kind: 'content'; bytes: Uint8Array }
  /** The response is complete. `framing` says what ended it (RFC 9112 section 6.3). */
  | { kind: 'complete'; framing: 'none' | 'length' | 'chunked' | 'close'; trailers: HeaderList }
  /** After 101: bytes that belong to the new protocol. */
  | { kind: 'switched'; bytes: Uint8Array }
  | Malformed

/** One WebSocket frame (RFC 6455 section 5.2) as it stood on the wire. */
export interface Frame {
  readonly kind: 'frame'
  readonly fin: boolean
  /** RSV1 to RSV3 as bits 4, 2 and 1. */
  readonly rsv: number
  readonly opcode: number
  /** Masking key, if the frame was masked; `payload` is unmasked. */
  readonly mask: Uint8Array | undefined
  /** How the length was written: in 7, 16 or 64 bits. */
  readonly lengthBits: 7 | 16 | 64
  readonly payload: Uint8Array
}

/** A whole WebSocket message: its frames joined and, if it was compressed, inflated. */
export interface Message {
  readonly kind: 'message'
  readonly type: 'text' | 'binary'
  readonly payload: Uint8Array
  /** How many frames it came in. */
  readonly frames: number
  /** RSV1 was set on its first frame (RFC 7692 section 6). */
  readonly compressed: boolean
}

/** What the event-stream parser says (WHATWG HTML section 9.2.6). */
export type StreamObservation =
  /** A dispatched event: what a client's listener would be called with. */
  | { kind: 'event'; type: string; data: string; lastEventId: string; block: EventBlock }
  /** A block without data: nothing is dispatched, but its id counts. */
  | { kind: 'undispatched'; lastEventId: string; block: EventBlock }
  | { kind: 'comment'; text: string }
  /** A `retry` field of digits only: the new reconnection time, in milliseconds. */
  | { kind: 'retry'; milliseconds: number }
  | Malformed

/** The lines of one block, in order, comments included. */
export interface EventBlock {
  readonly lines: readonly EventLine[]
}

export interface EventLine {
  /** Field name; empty for a comment. */
  readonly field: string
  readonly value: string
  /** The line end as it stood on the wire. */
  readonly end: '\r\n' | '\n' | '\r'
  /** The line without its end, as received. */
  readonly raw: string
}

/** The bytes cannot be read any further. */
export interface Malformed {
  readonly kind: 'malformed'
  /** What was wanted and what was there. */
  readonly what: string
}
