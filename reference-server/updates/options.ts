const MiB = 1024 * 1024

/** What a server agrees to in permessage-deflate: the options of these names of the ws package. */
export interface DeflateShape {
  /** Shorter messages are not compressed, in bytes. */
  readonly threshold: number
  readonly serverNoContextTakeover?: boolean
  readonly clientNoContextTakeover?: boolean
  /** As a power of two, 9 to 15. */
  readonly serverMaxWindowBits?: number
}

/** What differs between servers: how a hold ends without an update, where the cursor is, how many updates a response has. */
export interface LongPollingShape {
  /** Status of the response at the time-out; with 200 its list of updates is empty. */
  readonly timeoutStatus: 200 | 204 | 304 | 408
  /**
   * Where the client finds the cursor and how it sends it. `query`: `Next-Cursor`, sent as `?since=`; `header`:
   * `Next-Cursor`, sent as the field `Since`; `json`: the member `next`, sent as `?since=`; `validators`: `ETag`, sent as
   * `If-None-Match`.
   */
  readonly cursor: 'query' | 'header' | 'json' | 'validators'
  readonly delivers: 'many' | 'one' | 'last'
}

/** The options of the reference server; durations in milliseconds, sizes in bytes. */
export interface ReferenceOptions {
  /** How long a long poll is held when the request does not say (`wait`). */
  readonly holdMs: number
  /** The longest hold that a request can ask for; a longer one is shortened to this. */
  readonly maxHoldMs: number
  /** How the server responds to long polls. */
  readonly longPolling: LongPollingShape
  /** The reconnection time that every event stream begins with. */
  readonly retryMs: number
  /** The interval between comments in an event stream; silence then means a broken connection. */
  readonly keepAliveMs: number
  /** Updates kept of one channel, at least 1. */
  readonly retainedUpdates: number
  /** Bytes kept of all channels together. */
  readonly retainedBytes: number
  /** Largest accepted update. */
  readonly maxUpdateBytes: number
  /** Largest WebSocket message that is echoed, after inflation. */
  readonly maxMessageBytes: number
  /** How it agrees to permessage-deflate; false: it declines every offer. */
  readonly deflate: false | DeflateShape
  /** Subprotocols of both WebSocket endpoints; the client's order decides. */
  readonly subprotocols: readonly string[]
  /** The origin whose pages may use the channels with credentials. */
  readonly trustedOrigin: string
  /** The bearer token for channels whose names begin with `private-`. */
  readonly token: string
  /** Where a poll has its cursor: `?since=N`, the field `Last-Cursor`, or the validators of a document that is the last update alone. */
  readonly pollCursor: 'query' | 'header' | 'validators'
  /** The content of a poll with nothing new: a list without updates, `[]`, none, or a 204. A conditional one gets 304. */
  readonly pollEmpty: 'list' | 'array' | 'nothing' | 'no-content'
  /** The most updates in the response to one poll. */
  readonly pollBatch: number
  /** How long `close` and a refused connection wait for the other side before the socket is destroyed. */
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
  deflate: { threshold: 0 },
  subprotocols: ['chat.v1', 'chat.v2'],
  trustedOrigin: 'https://app.example',
  token: 'open-sesame',
  pollCursor: 'query',
  pollEmpty: 'list',
  pollBatch: Infinity,
  closeMs: 1000,
}
