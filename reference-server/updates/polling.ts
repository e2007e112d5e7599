import { type ResponseMessage, json } from '../http/response.ts'
import { acceptsGzip, codedTag, inGzip } from '../http/gzip.ts'
import { preconditionResponse, validatorFields } from '../http/conditional.ts'
import type { Exchange } from './exchange.ts'
import { cursorOf } from '../http/requests.ts'
import type { Update } from './store.ts'

/**
 * `GET /poll/{channel}?since=N`: responds at once with the updates after position N; without `since`, with all
 * retained updates. A `since` that is not a whole number, or is ahead of the channel, gets a 400. The response is the
 * same for all clients that accept the same coding. It may be stored, and must be validated before it is reused.
 */
export function poll(exchange: Exchange): ResponseMessage {
  const { request, channel, store, options } = exchange
  const since = sentPosition(exchange)
  const updates = store.after(channel, since).slice(0, options.pollBatch)
  const next = updates.at(-1)?.position ?? Math.max(since, store.start(channel))
  const isGzip = acceptsGzip(request)
  const validators = {
    etag: codedTag(`"${store.instanceId}-${since}-${next}"`, isGzip),
    modification: store.modification(channel),
  }
  const fields = {
    ...validatorFields(validators),
    'Cache-Control': 'no-cache',
    'Next-Cursor': String(next),
    Vary: options.pollCursor === 'header' ? 'Accept-Encoding, Last-Cursor' : 'Accept-Encoding',
  }
  const message =
    preconditionResponse(request, validators, fields) ?? fullResponse(exchange, next, updates, fields)
  return isGzip ? inGzip(message) : message
}

/** The position from which the response continues: the cursor of the client, or the start. */
function sentPosition({ request, url, channel, store, options }: Exchange): number {
  const start = store.start(channel)
  // A state document: the last update is the state.
  if (options.pollCursor === 'validators') return Math.max(start, store.head(channel) - 1)
  const field = request.headers['last-cursor']
  const cursorUrl = options.pollCursor === 'header' && typeof field === 'string' ? withSince(url, field) : url
  return Math.max(cursorOf(cursorUrl, store.head(channel)) ?? start, start)
}

function withSince(url: URL, cursor: string): URL {
  const copy = new URL(url)
  copy.searchParams.set('since', cursor)
  return copy
}

/** The response with the updates, or the configured response without updates. */
function fullResponse(
  { options }: Exchange,
  next: number,
  updates: readonly Update[],
  fields: Readonly<Record<string, string>>,
): ResponseMessage {
  if (updates.length > 0 || options.pollEmpty === 'list') return json(pollBody(next, updates), fields)
  if (options.pollEmpty === 'array') return json([], fields)
  if (options.pollEmpty === 'no-content') return { status: 204, headers: fields }
  return { status: 200, headers: { ...fields, 'Content-Type': 'application/json' }, body: '' }
}

/** The JSON body of the response to a poll or long poll; `next` is the `since` of the next request. */
export function pollBody(head: number, updates: readonly Update[]): unknown {
  return { next: String(head), updates: updates.map(({ id, type, data }) => ({ id, type, data })) }
}
