import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReferenceOptions } from './options.ts'
import type { StreamEndings } from './stream-endings.ts'
import type { HttpResponse } from '../http/response.ts'
import type { Store } from './store.ts'

/** One request, and all that a handler may need to respond to it. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** The channel in the path; empty if the path has none. */
  readonly channel: string
  readonly store: Store
  readonly endings: StreamEndings
  readonly options: ReferenceOptions
  /** Destroys all connections and listens again. */
  readonly restart: () => void
  /** Aborts when the client has disconnected. */
  readonly gone: AbortSignal
  /** Aborts when the server shuts down: held requests and streams then end regularly. */
  readonly closing: AbortSignal
}

/** Gives the response; undefined if the handler wrote it itself or the client has disconnected. */
export type Handler = (exchange: Exchange) => Promise<HttpResponse | undefined> | HttpResponse | undefined
