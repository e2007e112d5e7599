import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReferenceOptions } from './options.ts'
import type { StreamEndings } from './stream-endings.ts'
import type { Answer } from '../http/response.ts'
import type { Store } from './store.ts'

/** One request, and all that a handler may need to answer it. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** The channel that the path names; empty where it names none. */
  readonly channel: string
  readonly store: Store
  readonly endings: StreamEndings
  readonly options: ReferenceOptions
  /** Breaks all connections and listens anew. */
  readonly restart: () => void
  /** Aborts when the client can no longer be answered. */
  readonly gone: AbortSignal
  /** Aborts when the server shuts down: whatever is held or streamed comes to its regular end. */
  readonly closing: AbortSignal
}

/** Answers an exchange. Undefined: the handler wrote the response itself, or nobody is left to read one. */
export type Handler = (exchange: Exchange) => Promise<Answer | undefined> | Answer | undefined
