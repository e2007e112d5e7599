import { type Asked, type Dialect, refuse, send, serve, Waiting } from '../../../servers/serving.ts'

interface Message {
  readonly offset: string
  readonly json: string
}

/** How long a live read waits, in milliseconds. */
const holdMs = 10_000
const json = { 'content-type': 'application/json' }
const offsetAt = (position: number): string => `0_${String(position).padStart(12, '0')}`

/**
 * Durable Streams of JSON <https://github.com/durable-streams/durable-streams/blob/main/PROTOCOL.md>: created by PUT,
 * appended to by POST, read by GET from an `offset`; `live=long-poll` waits at the tail, `live=sse` streams from there.
 */
export function durableStreams(): Promise<Dialect> {
  const waiting = new Waiting()
  const streams = new Map<string, Message[]>()

  const tail = (messages: readonly Message[]): string => messages.at(-1)?.offset ?? offsetAt(0)
  const after = (messages: readonly Message[], offset: string): Message[] =>
    messages.filter((message) => offset === '-1' || message.offset > offset)

  const append = (asked: Asked, path: string, messages: Message[]): void => {
    const added = appended(asked.body)
    if (added === undefined) return send(asked, 400)
    for (const one of added)
      messages.push({ offset: offsetAt(messages.length + 1), json: JSON.stringify(one) })
    waiting.wake(path)
    send(asked, 204, { 'stream-next-offset': tail(messages) })
  }

  const read = (asked: Asked, path: string, messages: readonly Message[], offset: string): void => {
    const found = after(messages, offset)
    const next = found.at(-1)?.offset ?? (offset === '-1' ? offsetAt(0) : offset)
    const etag = `"${path}:${offset}:${next}"`
    const fields = { etag, 'stream-next-offset': next, 'stream-up-to-date': 'true', ...cursorOf(asked) }
    if (asked.request.headers['if-none-match'] === etag) return send(asked, 304, fields)
    const body = `[${found.map((message) => message.json).join(',')}]`
    send(asked, 200, { ...fields, ...json, 'cache-control': 'public, max-age=60' }, body)
  }

  const longPoll = async (asked: Asked, path: string, messages: readonly Message[], offset: string) => {
    if (after(messages, offset).length > 0 || (await waiting.until(path, asked, holdMs)))
      return read(asked, path, messages, offset)
    const fields = { 'stream-next-offset': tail(messages), 'stream-up-to-date': 'true' }
    send(asked, 204, { ...fields, ...cursorOf(asked), 'cache-control': 'no-store' })
  }

  const stream = async (asked: Asked, path: string, messages: readonly Message[], from: string) => {
    const { response } = asked
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    let offset = from
    while (!response.destroyed) {
      const found = after(messages, offset).map((message) => message.json)
      if (found.length > 0) response.write(`event: data\ndata: [${found.join(',')}]\n\n`)
      const control = { streamNextOffset: tail(messages), upToDate: true }
      response.write(`event: control\ndata: ${JSON.stringify(control)}\n\n`)
      offset = tail(messages)
      await waiting.until(path, asked)
    }
  }

  const get = (asked: Asked, path: string, messages: readonly Message[]): void => {
    const { searchParams } = asked.url
    const live = searchParams.get('live')
    const offset = searchParams.get('offset') ?? (live === null ? '-1' : '')
    if (!/^(-1|now|\d+_\d+)$/.test(offset)) return send(asked, 400)
    const from = offset === 'now' ? tail(messages) : offset
    if (live === 'long-poll') return void longPoll(asked, path, messages, from)
    if (live === 'sse') return void stream(asked, path, messages, from)
    read(asked, path, messages, from)
  }

  return serve((asked) => {
    const { method, url } = asked
    const path = url.pathname
    const messages = streams.get(path)
    if (method === 'OPTIONS') return send(asked, 204)
    if (method === 'PUT') {
      streams.set(path, messages ?? [])
      return send(asked, messages === undefined ? 201 : 200, {
        ...json,
        'stream-next-offset': tail(messages ?? []),
      })
    }
    if (messages === undefined) return send(asked, 404)
    if (method === 'POST') return append(asked, path, messages)
    if (method === 'GET') return get(asked, path, messages)
    const fields = { ...json, 'stream-next-offset': tail(messages), 'cache-control': 'no-store' }
    if (method === 'HEAD') return send(asked, 200, fields)
    refuse(asked, 'GET, HEAD, POST, PUT, OPTIONS')
  })
}

/** Section 8.1: the cursor never decreases, and is greater than one that the client has already got in this interval. */
function cursorOf({ url }: Asked): Record<string, string> {
  if (url.searchParams.get('live') === null) return {}
  const interval = Math.floor(Date.now() / 20_000)
  const echoed = Number(url.searchParams.get('cursor') ?? 0)
  return { 'stream-cursor': String(echoed >= interval ? echoed + 1 : interval) }
}

/** Section 7.1: one level of an array is flattened; an empty array and invalid JSON are refused. */
function appended(body: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(body)
    if (!Array.isArray(value)) return [value]
    return value.length === 0 ? undefined : value
  } catch {
    return undefined
  }
}
