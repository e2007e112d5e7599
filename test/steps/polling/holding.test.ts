import { expect, test } from '@jest/globals'
import { caseOf } from '../../run/playing.ts'
import { playedOn } from '../../run/raw-server.ts'

const held = caseOf({
  steps: [
    { verb: 'poll', args: { as: 'waiter' } },
    { verb: 'held', args: { request: 'waiter', for: '30s' } },
  ],
})

/** Plays the case on a server that ends each hold after `ms` milliseconds without an update; `within` is the bound on responses. */
const endingAfter = (ms: number, timeout: { timeout?: 'never' }, within = '300ms') =>
  playedOn(held, (socket) => setTimeout(() => socket.end('HTTP/1.1 204 No Content\r\n\r\n'), ms), {
    description: { within, 'long-polling': { path: '/wait', ...timeout } },
  })

test.concurrent(
  'a hold that ends late may have timed out, if the description says nothing about time-outs',
  async () => {
    const [one] = await endingAfter(400, {})
    expect(one).toMatchObject({ verdict: 'inconclusive' })
    expect(one?.reason).toMatch(/the hold ended after \d+ ms, .*does not say whether that is its time-out/)
  },
)

test.concurrent.each([
  ['at once', 0, {}, '60s'],
  ['late, although it never times out by its description,', 400, { timeout: 'never' as const }, '300ms'],
])('a hold that ends %s fails', async (_, ms, timeout, within) => {
  expect(await endingAfter(ms, timeout, within)).toMatchObject([
    { verdict: 'fail', expected: 'no response while there is no update' },
  ])
})
