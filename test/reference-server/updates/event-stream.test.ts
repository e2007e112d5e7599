import { expect, test } from '@jest/globals'
import { EventSource } from 'eventsource'
import * as fc from 'fast-check'
import { request } from 'undici'
import { eventBlock } from '../../../reference-server/updates/event-stream.ts'
import { dial, serve } from '../serving.ts'

interface Seen {
  readonly data: unknown
  readonly lastEventId: string
}

const stream = (...lines: string[]): string[] => ['GET /events/news HTTP/1.1', 'Host: a', ...lines]

test('the header section and the reconnection time come before any update', async () => {
  const { port } = await serve()
  const client = await dial(port, ...stream())
  const text = await client.until('retry: 200\n\n')
  expect(text).toMatch(/^HTTP\/1\.1 200 /)
  expect(text).toMatch(/\r\nContent-Type: text\/event-stream\r\n/)
  expect(text).toMatch(/\r\nCache-Control: no-cache\r\n/)
})

test('a client sees each update as an event with its type, id and data', async () => {
  const { url, publish, waiting } = await serve()
  const source = new EventSource(url('/events/news'))
  const event = new Promise<Seen>((resolve) => source.addEventListener('note', resolve))
  await waiting('news', { streams: 1 })
  await publish('news', 'first\nsecond\n', '?type=note&id=7')
  const { data, lastEventId } = await event
  source.close()
  expect({ data, lastEventId }).toEqual({ data: 'first\nsecond\n', lastEventId: '7' })
  await waiting('news', { streams: 0 })
})

test('a stream resumes after Last-Event-ID, and with an unknown id at the oldest update', async () => {
  const { port, publish } = await serve()
  for (const data of ['a', 'b', 'c']) await publish('news', data)
  const resumed = await (await dial(port, ...stream('Last-Event-ID: 2'))).until('data: c\n\n')
  expect(resumed).not.toContain('data: b\n')
  const unknown = await (await dial(port, ...stream('Last-Event-ID: nothing'))).until('data: c\n\n')
  expect(unknown).toContain('data: a\n')
})

test('an id beyond ASCII is understood as UTF-8', async () => {
  const { port, publish } = await serve()
  await publish('news', 'a', `?id=${encodeURIComponent('é✓')}`)
  await publish('news', 'b')
  const id = Buffer.from('é✓', 'utf8').toString('latin1')
  const text = await (await dial(port, ...stream(`Last-Event-ID: ${id}`))).until('data: b\n\n')
  expect(text).not.toContain('data: a\n')
})

test('without Last-Event-ID a stream begins now', async () => {
  const { port, publish, waiting } = await serve()
  await publish('news', 'old')
  const client = await dial(port, ...stream())
  await waiting('news', { streams: 1 })
  await publish('news', 'new')
  expect(await client.until('data: new\n\n')).not.toContain('old')
})

test('comments keep a quiet stream alive', async () => {
  const { port } = await serve({ keepAliveMs: 5 })
  const client = await dial(port, ...stream())
  await client.until(': keep-alive\n\n')
})

test('in HTTP/1.0 the stream is not chunked and ends with the connection', async () => {
  const { server, port, publish, waiting } = await serve()
  const client = await dial(port, 'GET /events/news HTTP/1.0', 'Connection: keep-alive')
  await waiting('news', { streams: 1 })
  await publish('news', 'a')
  await client.until('data: a\n\n')
  await server.close()
  const text = await client.ended()
  expect(text).not.toMatch(/transfer-encoding/i)
  expect(text.endsWith('\r\n\r\nretry: 200\n\nid: 1\ndata: a\n\n')).toBe(true)
})

test('closing the server ends a stream with its last chunk', async () => {
  const { server, port, waiting } = await serve()
  const client = await dial(port, ...stream())
  await waiting('news', { streams: 1 })
  await server.close()
  expect(await client.ended()).toMatch(/\r\n0\r\n\r\n$/)
})

test('HEAD ends at once', async () => {
  const { url } = await serve()
  const response = await request(url('/events/news'), { method: 'HEAD' })
  expect(response.headers['content-type']).toBe('text/event-stream')
  expect(await response.body.text()).toBe('')
})

test('a client that does not read is dropped when its next update is forgotten', async () => {
  const { port, publish, waiting } = await serve({ retainedUpdates: 2 })
  const client = await dial(port, ...stream())
  await waiting('news', { streams: 1 })
  client.socket.pause()
  const large = 'x'.repeat(4 * 1024 * 1024)
  for (let count = 0; count < 8; count++) await publish('news', large)
  // It is dropped when it has made room for an update that is gone; what it had by then came whole.
  client.socket.resume()
  await waiting('news', { streams: 0 })
})

test('whatever the data, each of its lines is one field and the block ends with an empty line', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ' ', ':', '\r', '\n', 'é') }), (data) => {
      const block = eventBlock({ position: 1, id: '1', type: 'message', data })
      expect(block.endsWith('\n\n')).toBe(true)
      const lines = block.slice(0, -2).split('\n').slice(1)
      const values = lines.map((line) => line.replace(/^data: ?/, ''))
      expect(lines.every((line) => line.startsWith('data:'))).toBe(true)
      expect(values.join('\n')).toBe(data.replace(/\r\n|\r/g, '\n'))
    }),
  )
})

test('the type is written only if it is not the default, and an empty value without a blank', () => {
  const update = { position: 1, id: '', type: 'note', data: '' }
  expect(eventBlock(update)).toBe('id:\nevent: note\ndata:\n\n')
  expect(eventBlock({ ...update, type: 'message' })).toBe('id:\ndata:\n\n')
})
