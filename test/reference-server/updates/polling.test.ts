import { describe, expect, test } from '@jest/globals'
import { request } from 'undici'
import { parseHttpDate } from '../../../reference-server/http/conditional.ts'
import { serve } from '../serving.ts'

test('a poll without a cursor begins at the oldest update that is kept', async () => {
  const { url, publish } = await serve({ retainedUpdates: 2 })
  for (const data of ['a', 'b', 'c']) await publish('news', data)
  expect(await (await fetch(url('/poll/news'))).json()).toMatchObject({
    next: '3',
    updates: [{ data: 'b' }, { data: 'c' }],
  })
})

test('a poll with a cursor gets what came after it, and nothing twice', async () => {
  const { url, publish } = await serve()
  await publish('news', 'a')
  await publish('news', 'b')
  expect(await (await fetch(url('/poll/news?since=1'))).json()).toMatchObject({ updates: [{ data: 'b' }] })
  expect(await (await fetch(url('/poll/news?since=2'))).json()).toEqual({ next: '2', updates: [] })
})

test.each(['-1', 'x', '', '1.5', '99', '1&since=1', '9'.repeat(400)])(
  'since=%s is refused',
  async (since) => {
    const { url, publish } = await serve()
    await publish('news', 'a')
    expect((await fetch(url(`/poll/news?since=${since}`))).status).toBe(400)
  },
)

/** A channel with one update, polled once. */
async function polled() {
  const serving = await serve()
  await serving.publish('news', 'a')
  const first = await request(serving.url('/poll/news'))
  await first.body.dump()
  const etag = String(first.headers.etag)
  const modified = String(first.headers['last-modified'])
  const again = async (headers: Record<string, string>) => {
    const response = await request(serving.url('/poll/news'), { headers })
    return { ...response, text: await response.body.text() }
  }
  return { ...serving, etag, modified, again }
}

describe('a conditional poll', () => {
  test('gets 304 with the same validators and no content while nothing is new', async () => {
    const { etag, again } = await polled()
    const answer = await again({ 'if-none-match': etag })
    expect(answer.statusCode).toBe(304)
    expect(answer.headers.etag).toBe(etag)
    expect(answer.headers['cache-control']).toBe('no-cache')
    expect(answer.headers).not.toHaveProperty('content-length')
    expect(answer.text).toBe('')
  })

  test.each([(etag: string) => `W/${etag}`, (etag: string) => `"a,b", ${etag}`, () => '*'])(
    'matches weakly, in lists, and with an asterisk (%#)',
    async (field) => {
      const { etag, again } = await polled()
      expect((await again({ 'if-none-match': field(etag) })).statusCode).toBe(304)
    },
  )

  test('gets 200 and another entity tag after an update', async () => {
    const { etag, publish, again } = await polled()
    await publish('news', 'b')
    const answer = await again({ 'if-none-match': etag })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers.etag).not.toBe(etag)
    expect(answer.text).toContain('"data":"b"')
  })

  test('trusts the entity tag over the date', async () => {
    const { modified, etag, again } = await polled()
    const old = new Date(0).toUTCString()
    expect((await again({ 'if-none-match': '"x"', 'if-modified-since': modified })).statusCode).toBe(200)
    expect((await again({ 'if-none-match': etag, 'if-modified-since': old })).statusCode).toBe(304)
  })

  test('goes by the date alone if there is no entity tag', async () => {
    const { modified, again } = await polled()
    expect((await again({ 'if-modified-since': modified })).statusCode).toBe(304)
    expect((await again({ 'if-modified-since': new Date(0).toUTCString() })).statusCode).toBe(200)
    expect((await again({ 'if-modified-since': 'soon' })).statusCode).toBe(200)
  })

  test('loses no update to a date that counts whole seconds', async () => {
    const { publish, again } = await polled()
    let fields = (await again({})).headers
    // Two updates within one second: repeated until they are, which is at once but for bad luck.
    let modified = ''
    while (modified !== fields['last-modified']) {
      modified = String(fields['last-modified'])
      await publish('news', 'b')
      fields = (await again({})).headers
    }
    expect((await again({ 'if-modified-since': modified })).statusCode).toBe(200)
  })

  test('gets 412 if it insists on another representation', async () => {
    const { etag, again } = await polled()
    expect((await again({ 'if-match': '"x"' })).statusCode).toBe(412)
    expect((await again({ 'if-match': `W/${etag}` })).statusCode).toBe(412)
    expect((await again({ 'if-match': etag })).statusCode).toBe(200)
    expect((await again({ 'if-unmodified-since': new Date(0).toUTCString() })).statusCode).toBe(412)
  })
})

test('HEAD has the header section of GET and no content', async () => {
  const { url, publish } = await serve()
  await publish('news', 'a')
  const get = await request(url('/poll/news'))
  const body = await get.body.text()
  const head = await request(url('/poll/news'), { method: 'HEAD' })
  expect(await head.body.text()).toBe('')
  expect(head.headers['content-length']).toBe(String(Buffer.byteLength(body)))
  expect(head.headers.etag).toBe(get.headers.etag)
})

test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  'the date %s is understood',
  (date) => expect(parseHttpDate(date)?.toISOString()).toBe('1994-11-06T08:49:37.000Z'),
)

test.each(['1994-11-06', '', 'Sun, 06 Foo 1994 08:49:37 GMT'])('%p is no date', (date) =>
  expect(parseHttpDate(date)).toBeUndefined(),
)
