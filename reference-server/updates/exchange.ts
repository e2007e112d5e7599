import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReferenceOptions } from './options.ts'
import type { StreamEndings } from './stream-endings.ts'
import type { ResponseMessage } from '../http/response.ts'
import type { Store } from './store.ts'

/** One request, with everything that a handler needs to respond to it. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** The channel in the path; empty if there is none. */
  readonly channel: string
  readonly store: Store
  readonly endings: StreamEndings
  readonly options: ReferenceOptions
  /** Breaks all connections and listens again. */
  readonly restart: () => void
  /** Aborts when no response can be sent any more. */
  readonly gone: AbortSignal
  /** Aborts when the server shuts down: held requests and streams then end regularly. */
  readonly closing: AbortSignal
}

/** Returns the response, or undefined if the handler has sent it itself or the client has disconnected. */
export type Handler = (
  exchange: Exchange,
) => Promise<ResponseMessage | undefined> | ResponseMessage | undefined
