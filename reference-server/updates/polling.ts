import { type Answer, json } from '../http/response.ts'
import { acceptsGzip, codedTag, inGzip } from '../http/gzip.ts'
import { precondition, validatorFields } from '../http/conditional.ts'
import type { Exchange } from './exchange.ts'
import { cursorOf } from '../http/requests.ts'
import type { Update } from './store.ts'

/**
 * `GET /poll/{channel}?since=N`: what came after position N, at once; without `since`, all that is kept.
 * A `since` that is no whole number, or lies ahead of the channel, gets 400. The answer is the same for
 * every client that accepts the same coding, may be stored, and must be validated before it is used again.
 */
export function poll(exchange: Exchange): Answer {
  const { request, channel, store, options } = exchange
  const since = reached(exchange)
  const updates = store.after(channel, since).slice(0, options.pollBatch)
  const next = updates.at(-1)?.position ?? Math.max(since, store.start(channel))
  const isGzip = acceptsGzip(request)
  const validators = {
    etag: codedTag(`"${store.run}-${since}-${next}"`, isGzip),
    modification: store.modification(channel),
  }
  const fields = {
    ...validatorFields(validators),
    'Cache-Control': 'no-cache',
    'Next-Cursor': String(next),
    Vary: options.pollCursor === 'header' ? 'Accept-Encoding, Last-Cursor' : 'Accept-Encoding',
  }
  const answer = precondition(request, validators, fields) ?? full(exchange, next, updates, fields)
  return isGzip ? inGzip(answer) : answer
}

/** The position that the client has reached, and from which the answer goes on. */
function reached({ request, url, channel, store, options }: Exchange): number {
  const start = store.start(channel)
  // A state document: of everything that came, the last update is the state.
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

/** An answer with content, or one of the forms in which nothing new is said. */
function full(
  { options }: Exchange,
  next: number,
  updates: readonly Update[],
  fields: Readonly<Record<string, string>>,
): Answer {
  if (updates.length > 0 || options.pollEmpty === 'list') return json(pollBody(next, updates), fields)
  if (options.pollEmpty === 'array') return json([], fields)
  if (options.pollEmpty === 'no-content') return { status: 204, headers: fields }
  return { status: 200, headers: { ...fields, 'Content-Type': 'application/json' }, body: '' }
}

/** What polls and long polls answer; `next` is the `since` of the next request. */
export function pollBody(head: number, updates: readonly Update[]): unknown {
  return { next: String(head), updates: updates.map(({ id, type, data }) => ({ id, type, data })) }
}
