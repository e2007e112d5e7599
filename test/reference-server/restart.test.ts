import { expect, test } from '@jest/globals'
import { dial, serve } from './serving.ts'

test('a restart breaks every connection and keeps what was published', async () => {
  const { url, port, publish } = await serve()
  await publish('news', 'a')
  const stream = await dial(port, 'GET /events/news HTTP/1.1', 'Host: a')
  await stream.until('retry: ')
  const idle = await dial(port)
  expect((await fetch(url('/restart'), { method: 'POST' })).status).toBe(202)
  await Promise.allSettled([stream.ended(), idle.ended()])
  expect([stream.socket.readable, idle.socket.readable]).toEqual([false, false])
  expect(stream.received()).not.toContain('\r\n0\r\n')
  await untilAnswered(url('/'))
  const polled = (await (await fetch(url('/poll/news'))).json()) as { updates: { data: string }[] }
  expect(polled.updates.map(({ data }) => data)).toEqual(['a'])
})

test('a server that restarts can be closed', async () => {
  const { server, url } = await serve()
  await fetch(url('/restart'), { method: 'POST' })
  await server.close()
  await expect(fetch(url('/'))).rejects.toThrow('fetch failed')
})

test('only pages of the trusted origin may send credentials', async () => {
  const { url } = await serve()
  const sharing = async (origin: string) => {
    const { headers } = await fetch(url('/poll/news'), { headers: { origin } })
    return ['access-control-allow-origin', 'access-control-allow-credentials', 'vary'].map((name) =>
      headers.get(name),
    )
  }
  expect(await sharing('https://app.example')).toEqual([
    'https://app.example',
    'true',
    'Origin, Accept-Encoding',
  ])
  expect(await sharing('https://other.example')).toEqual(['*', null, 'Origin, Accept-Encoding'])
})

async function untilAnswered(url: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok === true) return
  }
  throw new Error('nobody answers')
}
