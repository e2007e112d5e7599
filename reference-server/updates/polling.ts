import { type HttpResponse, json } from '../http/response.ts'
import { acceptsGzip, codedTag, inGzip } from '../http/gzip.ts'
import { precondition, validatorFields } from '../http/conditional.ts'
import type { Exchange } from './exchange.ts'
import { cursorOf } from '../http/requests.ts'
import type { Update } from './store.ts'

/**
 * `GET /poll/{channel}?since=N`: responds at once with the updates after position N; without `since`, with all kept
 * updates. A `since` that is not a whole number, or is ahead of the channel, gets 400. The response is the same for
 * every client that accepts the same coding; it may be stored and must be validated before reuse.
 */
export function poll(exchange: Exchange): HttpResponse {
  const { request, channel, store, options } = exchange
  const since = reached(exchange)
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
  const response = precondition(request, validators, fields) ?? full(exchange, next, updates, fields)
  return isGzip ? inGzip(response) : response
}

/** The position that the client has reached; the response has the updates after it. */
function reached({ request, url, channel, store, options }: Exchange): number {
  const start = store.start(channel)
  // The document is a state: the last update alone.
  if (options.pollCursor === 'validators') return Math.max(start, store.head(channel) - 1)
  const field = request.headers['last-cursor']
  const asked =
    options.pollCursor === 'header' && typeof field === 'string' ? withSinceParameter(url, field) : url
  return Math.max(cursorOf(asked, store.head(channel)) ?? start, start)
}

function withSinceParameter(url: URL, cursor: string): URL {
  const asked = new URL(url)
  asked.searchParams.set('since', cursor)
  return asked
}

/** The updates, or the configured response of a poll without new ones. */
function full(
  { options }: Exchange,
  next: number,
  updates: readonly Update[],
  fields: Readonly<Record<string, string>>,
): HttpResponse {
  if (updates.length > 0 || options.pollEmpty === 'list') return json(pollBody(next, updates), fields)
  if (options.pollEmpty === 'array') return json([], fields)
  if (options.pollEmpty === 'no-content') return { status: 204, headers: fields }
  return { status: 200, headers: { ...fields, 'Content-Type': 'application/json' }, body: '' }
}

/** The JSON of the response to a poll or long poll; `next` is the `since` of the next request. */
export function pollBody(head: number, updates: readonly Update[]): unknown {
  return { next: String(head), updates: updates.map(({ id, type, data }) => ({ id, type, data })) }
}
