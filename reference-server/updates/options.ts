const MiB = 1024 * 1024

/** Where servers differ: how a hold ends without an update, where the cursor is, how much one answer holds. */
export interface LongPollingShape {
  /** Status of the answer at the time-out; with 200 its list of updates is empty. */
  readonly timeoutStatus: 200 | 204 | 304 | 408
  /**
   * `query`: `Next-Cursor` comes back as `?since=`; `header`: it comes back as the field `Since`; `json`: the member
   * `next` comes back as `?since=`; `validators`: `ETag` comes back as `If-None-Match`.
   */
  readonly cursor: 'query' | 'header' | 'json' | 'validators'
  readonly delivers: 'many' | 'one' | 'last'
}

/** What may be set of the reference server; durations in milliseconds, sizes in bytes. */
export interface ReferenceOptions {
  /** How long a long poll is held when the request does not say (`wait`). */
  readonly holdMs: number
  /** The longest hold that a request can ask for; more is cut down to this. */
  readonly maxHoldMs: number
  /** How long polls are answered, where servers differ. */
  readonly longPolling: LongPollingShape
  /** The reconnection time that every event stream begins with. */
  readonly retryMs: number
  /** How often an event stream carries a comment, so that silence means a broken connection. */
  readonly keepAliveMs: number
  /** Updates kept of one channel, at least 1. */
  readonly retainedUpdates: number
  /** Bytes kept of all channels together. */
  readonly retainedBytes: number
  /** Largest update that is taken. */
  readonly maxUpdateBytes: number
  /** Largest WebSocket message that is echoed, after inflation. */
  readonly maxMessageBytes: number
  /** Subprotocols that both WebSocket endpoints speak; the client's order decides. */
  readonly subprotocols: readonly string[]
  /** The origin whose pages may use the channels with credentials. */
  readonly trustedOrigin: string
  /** What opens the channels whose names begin with `private-`. */
  readonly token: string
  /** How a poll says from where it goes on: `?since=N`, a `Last-Cursor` field, or the validators of a document that is the last update alone. */
  readonly pollCursor: 'query' | 'header' | 'validators'
  /** The content of a poll with nothing new: a list without updates, `[]`, none, or a 204. A conditional one gets 304. */
  readonly pollEmpty: 'list' | 'array' | 'nothing' | 'no-content'
  /** The most updates in the answer to one poll. */
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
  subprotocols: ['chat.v1', 'chat.v2'],
  trustedOrigin: 'https://app.example',
  token: 'open-sesame',
  pollCursor: 'query',
  pollEmpty: 'list',
  pollBatch: Infinity,
  closeMs: 1000,
}
