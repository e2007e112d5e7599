import type { Socket } from 'node:net'
import { expect, test } from '@jest/globals'
import { caseOf } from './playing.ts'
import { answer, getsOk, playedOn } from './raw-server.ts'

const oneExchange = caseOf({ steps: getsOk })

test('a connection that the target ends is tried once more: it may be because of what others did', async () => {
  const results = await playedOn(oneExchange, (socket, connection) =>
    connection === 1 ? socket.end() : answer(socket),
  )
  expect(results).toMatchObject([{ verdict: 'pass' }])
  expect(results[0]?.transcript[0]?.what).toMatch(/retried.*the first result was: expected/)
})

test('a target that ends the connection again fails', async () => {
  expect(await playedOn(oneExchange, (socket) => socket.end())).toMatchObject([{ verdict: 'fail' }])
})

/** With the blockedTime of a busy machine on top, the bound would go on beyond the time-out of the server. */
const noDelays = { longestSince: () => 0, totalSince: () => 0 }

test('on the second try, too, an idle time-out is not taken for the end that was asked for', async () => {
  const ends = caseOf({
    steps: [
      { verb: 'request', args: { as: 'get', path: '/' } },
      { verb: 'ended', args: { who: 'get' } },
    ],
  })
  // The bound is 300 ms, three times that on the second try, and half of it for the end of a connection.
  const idle = (socket: Socket): unknown => setTimeout(() => socket.end(), 700)
  const results = await playedOn(ends, idle, { slow: 0.1, isOverloaded: () => true, blockedTime: noDelays })
  expect(results).toMatchObject([{ verdict: 'fail', observed: 'an open connection' }])
  expect(results[0]?.transcript[0]?.what).toMatch(/retried/)
})
