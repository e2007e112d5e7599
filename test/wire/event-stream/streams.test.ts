import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { EventSource } from 'eventsource'
import { parse } from 'yaml'
import { EventStreamParser } from '../../../runner/wire/event-stream/parser.ts'
import { defaultLimits } from '../../../runner/wire/limits.ts'

interface Expected {
  readonly file: string
  readonly about: string
  readonly events: readonly Seen[]
  readonly last: string
  readonly retry?: number
  readonly stock?: { readonly sees: number; readonly because: string }
}

interface Seen {
  readonly type: string
  readonly data: string
  readonly id: string
}

const folder = new URL('../../../../fixtures/streams/', import.meta.url)
const { streams } = parse(readFileSync(new URL('index.yaml', folder), 'utf8')) as { streams: Expected[] }

/** The whole stream, every split in two (some splits of large streams), and single bytes. */
function splitsOf(bytes: Uint8Array): Uint8Array[][] {
  const step = Math.max(1, Math.floor(bytes.length / 150))
  const cuts = Array.from({ length: Math.ceil(bytes.length / step) }, (_, index) => index * step)
  const inTwo = cuts.map((at) => [bytes.subarray(0, at), bytes.subarray(at)])
  const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))
  return [[bytes], single, ...inTwo]
}

/** The result of the kit's own parser. */
function read(parts: readonly Uint8Array[]): { events: Seen[]; last: string; retry: number | undefined } {
  const parser = new EventStreamParser({ limits: defaultLimits, onFinding: () => undefined })
  const seen = [...parts.flatMap((part) => parser.push(part)), ...parser.end()]
  const events = seen.flatMap((one) =>
    one.kind === 'event' ? [{ type: one.type, data: one.data, id: one.lastEventId }] : [],
  )
  return { events, last: parser.lastEventId, retry: parser.reconnectionTime }
}

/** The events of the stock client until the stream ends. */
function readWithStock(parts: readonly Uint8Array[], types: ReadonlySet<string>): Promise<Seen[]> {
  const events: Seen[] = []
  const source = new EventSource('http://stream.example/', {
    fetch: async (url) => ({
      url: String(url),
      status: 200,
      redirected: false,
      headers: new Headers({ 'Content-Type': 'text/event-stream' }),
      body: new ReadableStream<Uint8Array>({
        start(controller) {
          for (const part of parts) if (part.length > 0) controller.enqueue(part)
          controller.close()
        },
      }),
    }),
  })
  for (const type of types)
    source.addEventListener(type, ({ data, lastEventId }) =>
      events.push({ type, data: String(data), id: lastEventId }),
    )
  return new Promise((resolve) => {
    source.addEventListener('error', () => {
      // The client sets the timer of its reconnection only after this event.
      queueMicrotask(() => source.close())
      resolve(events)
    })
  })
}

/** The stock client has an id only on the event that sets it. */
const withoutId = ({ type, data }: Seen) => ({ type, data })

describe.each(streams)('$file: $about', ({ file, events, last, retry, stock }) => {
  const bytes = new Uint8Array(readFileSync(new URL(file, folder)))
  const types = new Set(['message', ...events.map(({ type }) => type)])

  test('the parser gives this result at every split', () => {
    for (const parts of splitsOf(bytes)) expect(read(parts)).toEqual({ events, last, retry })
  })

  test('the stock client gives this result at every split', async () => {
    const seen = await Promise.all(splitsOf(bytes).map((parts) => readWithStock(parts, types)))
    const wanted = stock === undefined ? events : events.slice(0, stock.sees)
    for (const one of seen) expect(one.map(withoutId)).toEqual(wanted.map(withoutId))
    for (const one of seen)
      for (const [index, { id }] of one.entries()) expect(['', events[index]?.id]).toContain(id)
  })
})
