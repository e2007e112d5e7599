import type { Exchange } from './exchange.ts'
import { pollBody } from './polling.ts'
import { cursorOf, wholeNumber } from './requests.ts'
import { type Answer, json } from './answer.ts'
import { firstOf } from './signals.ts'

/**
 * `GET /wait/{channel}?since=N&wait=MS` (RFC 6202 section 2): answered at once if something came after
 * position N, else held, without a single byte, until the next update or until `wait` milliseconds have
 * passed. Without `since` the hold begins now. The cursor is the client's, so an answer that is lost on its
 * way costs nothing: the same `since` asks for it again.
 */
export async function wait(exchange: Exchange): Promise<Answer | undefined> {
  const { request, url, channel, store, options, gone } = exchange
  const since = cursorOf(url, store.head(channel)) ?? store.head(channel)
  const ms = Math.min(wholeNumber(url, 'wait') ?? options.holdMs, options.maxHoldMs)
  if (request.method === 'GET') await hold(exchange, since, ms)
  return gone.aborted ? undefined : answer(exchange, since)
}

async function hold({ channel, store, gone, closing }: Exchange, since: number, ms: number): Promise<void> {
  const until = firstOf([gone, closing], ms)
  const leave = store.enter(channel, 'held')
  try {
    await store.waitFor(channel, since, until.signal)
  } finally {
    leave()
    until.release()
  }
}

/** All updates since, or the time-out's 204; either way with the cursor of the next request. */
function answer({ channel, store }: Exchange, since: number): Answer {
  const head = store.head(channel)
  const fields = { 'Cache-Control': 'no-store', 'Next-Cursor': String(head) }
  if (head <= since) return { status: 204, headers: { ...fields, 'Next-Cursor': String(since) } }
  return json(pollBody(head, store.after(channel, since)), fields)
}
