import { expect, test } from '@jest/globals'
import { request } from 'undici'
import { dial, serve } from '../serving.ts'

test('a request is held without a byte and released by the next update', async () => {
  const { port, publish, waiting } = await serve()
  const client = await dial(port, 'GET /wait/news HTTP/1.1', 'Host: a')
  await waiting('news', { held: 1 })
  expect(client.received()).toBe('')
  await publish('news', 'first')
  const answer = await client.until('"data":"first"}]}')
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(answer).toMatch(/\r\nNext-Cursor: 1\r\n/)
  expect(answer).toMatch(/\r\nCache-Control: no-store\r\n/)
  await waiting('news', { held: 0 })
})

test('after the time-out the next request gets what was published in between', async () => {
  const { url, publish } = await serve()
  await publish('news', 'before')
  const first = await request(url('/wait/news?wait=1'))
  expect(first.statusCode).toBe(204)
  expect(await first.body.text()).toBe('')
  const cursor = String(first.headers['next-cursor'])
  await publish('news', 'between')
  await publish('news', 'again')
  const second = await request(url(`/wait/news?since=${cursor}`))
  expect(await second.body.json()).toMatchObject({ updates: [{ data: 'between' }, { data: 'again' }] })
  expect(second.headers['next-cursor']).toBe('3')
})

test('a hold is never longer than the server allows', async () => {
  const { url } = await serve({ maxHoldMs: 5 })
  expect((await request(url('/wait/news?wait=999999999'))).statusCode).toBe(204)
})

test('every waiter is released by one update', async () => {
  const { url, publish, waiting } = await serve()
  const answers = Array.from({ length: 30 }, async () => fetch(url('/wait/news')))
  await waiting('news', { held: 30 })
  await publish('news', 'all')
  for (const answer of await Promise.all(answers)) {
    expect(await answer.json()).toMatchObject({ updates: [{ data: 'all' }] })
  }
})

test('a client that goes away is no longer held', async () => {
  const { port, waiting } = await serve()
  const client = await dial(port, 'GET /wait/news HTTP/1.1', 'Host: a')
  await waiting('news', { held: 1 })
  client.socket.destroy()
  await waiting('news', { held: 0 })
})

test('a client that closes its side is no longer held', async () => {
  const { port, waiting } = await serve()
  const client = await dial(port, 'GET /wait/news HTTP/1.1', 'Host: a')
  await waiting('news', { held: 1 })
  client.socket.end()
  await waiting('news', { held: 0 })
})

test('HEAD is answered at once, with the cursor', async () => {
  const { url, publish } = await serve()
  await publish('news', 'a')
  const empty = await request(url('/wait/news'), { method: 'HEAD' })
  expect([empty.statusCode, empty.headers['next-cursor']]).toEqual([204, '1'])
  const full = await request(url('/wait/news?since=0'), { method: 'HEAD' })
  expect([full.statusCode, full.headers['next-cursor']]).toEqual([200, '1'])
})

test.each(['since=2', 'since=x', 'wait=-1', 'wait=soon'])('%s is refused', async (query) => {
  const { url } = await serve()
  expect((await fetch(url(`/wait/news?${query}`))).status).toBe(400)
})

test('closing the server gives a held request its time-out answer', async () => {
  const { server, port, waiting } = await serve()
  const client = await dial(port, 'GET /wait/news HTTP/1.1', 'Host: a')
  await waiting('news', { held: 1 })
  await server.close()
  const answer = await client.ended()
  expect(answer).toMatch(/^HTTP\/1\.1 204 /)
  expect(answer).toMatch(/\r\nConnection: close\r\n/)
})
