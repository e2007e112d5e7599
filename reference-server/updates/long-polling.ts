import type { Exchange } from './exchange.ts'
import type { LongPollingShape } from './options.ts'
import { pollBody } from './polling.ts'
import { checkPosition, fieldLines, wholeNumber } from '../http/requests.ts'
import { type ResponseMessage, json, Refusal } from '../http/response.ts'
import { combineSignals } from '../http/abort-signals.ts'

/**
 * `GET /wait/{channel}?since=N&wait=MS` (RFC 6202 section 2): responds at once if there are updates after
 * position N. Otherwise the request is held, without sending a byte, until the next update or for `wait` milliseconds.
 * Without `since` it waits for the next update. The client sends its cursor, so after a lost response it repeats the
 * same `since` and misses no update.
 */
export async function wait(exchange: Exchange): Promise<ResponseMessage | undefined> {
  const { request, url, channel, store, options, gone } = exchange
  const since = sentCursor(exchange) ?? store.head(channel)
  const ms = Math.min(wholeNumber(url, 'wait') ?? options.holdMs, options.maxHoldMs)
  if (request.method === 'GET') await hold(exchange, since, ms)
  return gone.aborted ? undefined : responseAfter(exchange, since)
}

async function hold({ channel, store, gone, closing }: Exchange, since: number, ms: number): Promise<void> {
  const until = combineSignals([gone, closing], ms)
  const leave = store.enter(channel, 'held')
  try {
    await store.waitFor(channel, since, until.signal)
  } finally {
    leave()
    until.release()
  }
}

/** The cursor that the client sent; undefined if there is none. */
function sentCursor({ request, url, channel, store, options }: Exchange): number | undefined {
  const head = store.head(channel)
  const { cursor } = options.longPolling
  if (cursor === 'query' || cursor === 'json') return checkPosition(wholeNumber(url, 'since'), head)
  const [value, ...more] = fieldLines(request, cursor === 'header' ? 'since' : 'if-none-match')
  if (value === undefined) return undefined
  const position = (cursor === 'header' ? /^([0-9]{1,15})$/ : /^"([0-9]{1,15})"$/).exec(value)?.[1]
  if (position === undefined || more.length > 0)
    throw new Refusal(400, 'The cursor was not issued by this server.')
  return checkPosition(Number(position), head)
}

/** The response with the updates after `since`, or the time-out response; both have the cursor of the next request. */
function responseAfter({ channel, store, options }: Exchange, since: number): ResponseMessage {
  const { timeoutStatus, delivers } = options.longPolling
  const all = store.after(channel, since)
  const updates = delivers === 'many' ? all : delivers === 'one' ? all.slice(0, 1) : all.slice(-1)
  const next = updates.at(-1)?.position ?? since
  const fields = { 'Cache-Control': 'no-store', ...cursorFields(options.longPolling, next) }
  if (updates.length > 0 || timeoutStatus === 200) return json(pollBody(next, updates), fields)
  return { status: timeoutStatus, headers: fields }
}

function cursorFields({ cursor }: LongPollingShape, next: number): Record<string, string> {
  if (cursor === 'json') return {}
  return cursor === 'validators' ? { ETag: `"${next}"` } : { 'Next-Cursor': String(next) }
}
