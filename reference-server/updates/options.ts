const MiB = 1024 * 1024

/** Properties in which long-polling servers differ: time-out response, place of the cursor, updates in one response. */
export interface LongPollingShape {
  /** Status of the response at the time-out; with 200 its list of updates is empty. */
  readonly timeoutStatus: 200 | 204 | 304 | 408
  /**
   * `query`: the client sends `Next-Cursor` back as `?since=`; `header`: as the field `Since`; `json`: it sends the member
   * `next` back as `?since=`; `validators`: it sends `ETag` back as `If-None-Match`.
   */
  readonly cursor: 'query' | 'header' | 'json' | 'validators'
  readonly delivers: 'many' | 'one' | 'last'
}

/** Options of the reference server; durations in milliseconds, sizes in bytes. */
export interface ReferenceOptions {
  /** How long a long poll is held if the request has no `wait`. */
  readonly holdMs: number
  /** The longest hold that a request can ask for; a larger `wait` is reduced to it. */
  readonly maxHoldMs: number
  /** Properties of the responses to long polls. */
  readonly longPolling: LongPollingShape
  /** The reconnection time that every event stream begins with. */
  readonly retryMs: number
  /** Interval of the comments on an event stream, so that a client notices a broken connection. */
  readonly keepAliveMs: number
  /** Largest number of retained updates of one channel, at least 1. */
  readonly retainedUpdates: number
  /** Largest size of the retained updates of all channels together. */
  readonly retainedBytes: number
  /** Largest update that is accepted. */
  readonly maxUpdateBytes: number
  /** Largest WebSocket message that is echoed, after inflation. */
  readonly maxMessageBytes: number
  /** Subprotocols of both WebSocket endpoints; the first one in the client's offer is chosen. */
  readonly subprotocols: readonly string[]
  /** The origin whose pages may use the channels with credentials. */
  readonly trustedOrigin: string
  /** The bearer token for channels whose names begin with `private-`. */
  readonly token: string
  /** The cursor of a poll: `?since=N`, a `Last-Cursor` field, or the validators of a document that is the last update alone. */
  readonly pollCursor: 'query' | 'header' | 'validators'
  /** The content of a poll with nothing new: a list without updates, `[]`, no content, or a 204. A conditional poll gets a 304. */
  readonly pollEmpty: 'list' | 'array' | 'nothing' | 'no-content'
  /** Largest number of updates in the response to one poll. */
  readonly pollBatch: number
  /** How long `close` and a refused connection wait for the client before the socket is destroyed. */
  readonly closeMs: number
}

export const defaultOptions: ReferenceOptions = {
  holdMs: 25_000,
  maxHoldMs: 120_000,
  longPolling: { timeoutStatus: 204, cursor: 'query', delivers: 'many' },
  retryMs: 200,
  keepAliveMs: 1000,
  retainedUpdates: 1000,
  retainedBytes: 64 * MiB,
  maxUpdateBytes: 16 * MiB,
  maxMessageBytes: 32 * MiB,
  subprotocols: ['chat.v1', 'chat.v2'],
  trustedOrigin: 'https://app.example',
  token: 'open-sesame',
  pollCursor: 'query',
  pollEmpty: 'list',
  pollBatch: Infinity,
  closeMs: 1000,
}
