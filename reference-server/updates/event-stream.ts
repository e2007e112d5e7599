import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { ResponseMessage } from '../http/response.ts'
import type { Exchange } from './exchange.ts'
import { fieldLines } from '../http/requests.ts'
import { varyOn } from '../http/send-response.ts'
import { combineSignals } from '../http/abort-signals.ts'
import { FellBehind, type Update } from './store.ts'

const fields = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache',
}

/**
 * `GET /events/{channel}` (WHATWG HTML section 9.2): sends every update from now on, or after `Last-Event-ID`, which
 * may also be a query parameter. A finished channel sends its remaining updates; afterwards a 204 makes the client stop.
 * An unknown id gets all retained updates, because a repeated update is better than a lost one. The response has no
 * length, so it is chunked in HTTP/1.1 and ends with the connection in HTTP/1.0. A client that reads so slowly that its
 * next update is no longer retained is disconnected.
 */
export async function events(exchange: Exchange): Promise<ResponseMessage | undefined> {
  const { request, response, channel, store, gone, closing, endings } = exchange
  const position = startingPosition(exchange)
  if (endings.isFinished(channel) && position >= store.head(channel)) return { status: 204 }
  varyOn(response, 'Last-Event-ID')
  response.writeHead(200, fields)
  if (request.method === 'HEAD') {
    response.end()
    return undefined
  }
  const ending = endings.watch(channel)
  const until = combineSignals([gone, closing, ending.signal])
  const leave = store.enter(channel, 'streams')
  const keepAlive = setInterval(() => comment(response), exchange.options.keepAliveMs)
  try {
    await stream(exchange, position, until.signal)
  } finally {
    clearInterval(keepAlive)
    leave()
    until.release()
    ending.release()
  }
  return undefined
}

async function stream(exchange: Exchange, position: number, signal: AbortSignal): Promise<void> {
  const { response, channel, store, options, gone } = exchange
  let reached = position
  try {
    await write(response, `retry: ${options.retryMs}\n\n`, signal)
    for await (const update of store.follow(channel, position, signal)) {
      if (signal.aborted) break
      await write(response, eventBlock(update), signal)
      reached = update.position
    }
    // Updates that were published before the end are sent before it.
    for (const update of store.after(channel, reached)) await write(response, eventBlock(update), gone)
    response.end()
  } catch (error) {
    if (!(error instanceof FellBehind)) throw error
    response.destroy()
  }
}

/** The field is UTF-8, but Node decodes header fields as Latin-1. */
function startingPosition({ request, store, channel, url }: Exchange): number {
  const sent = Buffer.from(fieldLines(request, 'last-event-id').at(-1) ?? '', 'latin1').toString('utf8')
  const id = sent === '' ? (url.searchParams.get('last-event-id') ?? '') : sent
  if (id === '') return store.head(channel)
  return store.positionOf(channel, id) ?? store.start(channel)
}

/** One update as a block: each line of the data is a separate field (WHATWG HTML section 9.2.5). */
export function eventBlock({ id, type, data }: Update): string {
  const lines = [field('id', id)]
  if (type !== 'message') lines.push(field('event', type))
  for (const line of data.split(/\r\n|\r|\n/)) lines.push(field('data', line))
  return `${lines.join('')}\n`
}

/** The space after the colon preserves a space at the beginning of the value. */
function field(name: string, value: string): string {
  return value === '' ? `${name}:\n` : `${name}: ${value}\n`
}

/** Sends a comment, unless the buffer is full: then bytes are being sent already. */
function comment(response: ServerResponse): void {
  if (!response.writableNeedDrain && !response.writableEnded) response.write(': keep-alive\n\n')
}

/** Resolves when the buffer has room again, or when `signal` aborts. */
async function write(response: ServerResponse, block: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || response.write(block)) return
  try {
    await once(response, 'drain', { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
