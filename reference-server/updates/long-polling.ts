import type { Exchange } from './exchange.ts'
import type { LongPollingShape } from './options.ts'
import { pollBody } from './polling.ts'
import { fieldLines, reached, wholeNumber } from '../http/requests.ts'
import { type HttpResponse, json, Refusal } from '../http/response.ts'
import { anySignal } from '../http/abort-signals.ts'

/**
 * `GET /wait/{channel}?since=N&wait=MS` (RFC 6202 section 2): responds at once if there are updates after position N;
 * otherwise holds the request without sending any byte until the next update, or for `wait` milliseconds. Without
 * `since`, N is the newest update. The client keeps the cursor, so it can ask for a lost response again.
 */
export async function wait(exchange: Exchange): Promise<HttpResponse | undefined> {
  const { request, url, channel, store, options, gone } = exchange
  const since = sentCursor(exchange) ?? store.head(channel)
  const ms = Math.min(wholeNumber(url, 'wait') ?? options.holdMs, options.maxHoldMs)
  if (request.method === 'GET') await hold(exchange, since, ms)
  return gone.aborted ? undefined : responseTo(exchange, since)
}

async function hold({ channel, store, gone, closing }: Exchange, since: number, ms: number): Promise<void> {
  const until = anySignal([gone, closing], ms)
  const leave = store.enter(channel, 'held')
  try {
    await store.waitFor(channel, since, until.signal)
  } finally {
    leave()
    until.release()
  }
}

/** The position that the client has reached; undefined if it has none yet. */
function sentCursor({ request, url, channel, store, options }: Exchange): number | undefined {
  const head = store.head(channel)
  const { cursor } = options.longPolling
  if (cursor === 'query' || cursor === 'json') return reached(wholeNumber(url, 'since'), head)
  const [value, ...more] = fieldLines(request, cursor === 'header' ? 'since' : 'if-none-match')
  if (value === undefined) return undefined
  const position = (cursor === 'header' ? /^([0-9]{1,15})$/ : /^"([0-9]{1,15})"$/).exec(value)?.[1]
  if (position === undefined || more.length > 0) throw new Refusal(400, 'The cursor is none from here.')
  return reached(Number(position), head)
}

/** The updates after `since`, or the response of the time-out; either with the cursor of the next request. */
function responseTo({ channel, store, options }: Exchange, since: number): HttpResponse {
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
