import { expect, test } from '@jest/globals'
import { caseOf } from './playing.ts'
import { answer, getsOk, playedOn } from './raw-server.ts'

const oneExchange = caseOf({ steps: getsOk })

test('a connection that the target ends is tried once more: it may be because of what others did', async () => {
  const results = await playedOn(oneExchange, (socket, connection) =>
    connection === 1 ? socket.end() : answer(socket),
  )
  expect(results).toMatchObject([{ verdict: 'pass' }])
  expect(results[0]?.transcript[0]?.what).toMatch(/tried once more.*the first time: expected/)
})

test('a target that ends the connection again fails', async () => {
  expect(await playedOn(oneExchange, (socket) => socket.end())).toMatchObject([{ verdict: 'fail' }])
})
