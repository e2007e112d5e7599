import { precondition, validatorFields } from './conditional.ts'
import type { Exchange } from './exchange.ts'
import { cursorOf } from './requests.ts'
import { type Answer, json } from './answer.ts'
import type { Update } from './store.ts'

/**
 * `GET /poll/{channel}?since=N`: what came after position N, at once; without `since`, all that is kept.
 * A `since` that is no whole number, or lies ahead of the channel, gets 400. The answer is the same for
 * every client (no Vary), may be stored, and must be validated before it is used again.
 */
export function poll({ request, url, channel, store }: Exchange): Answer {
  const start = store.start(channel)
  const since = Math.max(cursorOf(url, store.head(channel)) ?? start, start)
  const etag = `"${store.run}-${since}-${store.head(channel)}"`
  const validators = { etag, modification: store.modification(channel) }
  const fields = { ...validatorFields(validators), 'Cache-Control': 'no-cache' }
  return (
    precondition(request, validators, fields) ??
    json(pollBody(store.head(channel), store.after(channel, since)), fields)
  )
}

/** What polls and long polls answer; `next` is the `since` of the next request. */
export function pollBody(head: number, updates: readonly Update[]): unknown {
  return { next: String(head), updates: updates.map(({ id, type, data }) => ({ id, type, data })) }
}
