import type { Connection } from './connection.ts'
import type { HeaderList } from './headers.ts'

/** The status line and header section of a response, or their equivalent in later versions of HTTP. */
export interface ResponseHead {
  readonly status: number
  /** The reason phrase; empty where there is none. */
  readonly reason: string
  /** `HTTP/1.1` */
  readonly version: string
  readonly headers: HeaderList
  /** The bytes as received. */
  readonly raw: Uint8Array
  /** When the section was complete, in milliseconds since the start of the case. */
  readonly at: number
}

/** What marked the end of a body (RFC 9112 section 6.3). */
export type Framing = 'none' | 'length' | 'chunked' | 'close'

/** How a response ended: complete, or broken with the reason in `what`. */
export type Completion =
  | { readonly kind: 'complete'; readonly framing: Framing; readonly at: number }
  | { readonly kind: 'broken'; readonly what: string; readonly at: number }

/**
 * One request and its response, whichever version of HTTP carries them. The response grows while its bytes arrive.
 * All times are in milliseconds since the start of the case.
 */
export interface Exchange {
  readonly connection: HttpConnection
  readonly sentAt: number
  /** Method of the request. */
  readonly method: string
  /** HTTP version of the request: `HTTP/1.1`. */
  readonly version: string
  /** Interim (1xx) responses except 101. */
  readonly interim: readonly ResponseHead[]
  readonly firstByteAt: number | undefined
  /** Head of the final response, or of a 101. */
  readonly head: ResponseHead | undefined
  /** Content received so far, without its transfer coding. */
  readonly content: Uint8Array
  readonly completion: Completion | undefined
  /** Number of bytes received of the protocol that the response has switched to. */
  readonly switchedBytes: number
  /** The connection can carry another request after this exchange. */
  readonly isConnectionReusable: boolean
  /** Called with `head` before any byte after it is read. */
  onHead: ((head: ResponseHead) => void) | undefined
  /** Called with the bytes of the protocol that the response has switched to. */
  onSwitched: ((bytes: Uint8Array) => void) | undefined

  /** Calls `reader` with the content received so far, then with further content as it arrives. */
  read(reader: (bytes: Uint8Array) => void): void

  /**
   * Sends more of the request, or bytes of the protocol that was switched to.
   *
   * @param what names the bytes in the transcript
   * @param chop size of the pieces to write, in bytes; 0 writes everything at once
   */
  write(bytes: Uint8Array, what: string, chop?: number): Promise<void>

  /** Waits until `holds()`; false if `signal` aborts first. */
  until(holds: () => boolean, signal: AbortSignal): Promise<boolean>

  /** Waits for `head`, or for a completion without it; false if `signal` aborts first. */
  headed(signal: AbortSignal): Promise<boolean>

  /** Waits for `completion`; false if `signal` aborts first. */
  completed(signal: AbortSignal): Promise<boolean>
}

/** What a connection must know about a request in order to send it and to parse the response. */
export interface RequestInfo {
  readonly method: string
  readonly version: string
  /** Size of the pieces to write, in bytes; 0 (the default) writes everything at once. */
  readonly chop?: number
}

/** A connection that carries exchanges. */
export interface HttpConnection {
  /** The underlying TCP or TLS connection. */
  readonly wire: Connection
  /** Every exchange so far, in the order of the requests. */
  readonly exchanges: readonly Exchange[]
  /** Describes received bytes that belong to no response. Undefined if there are none; HTTP/2 never has any. */
  readonly stray: string | undefined

  /** Sends the bytes of one request unchanged. */
  request(bytes: Uint8Array, about: RequestInfo): Exchange
}
