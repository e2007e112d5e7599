import { expect, test } from '@jest/globals'
import { caseOf } from '../../run/playing.ts'
import { playedOn } from '../../run/raw-server.ts'

const released = caseOf({
  steps: [
    { verb: 'poll', args: { as: 'waiter' } },
    { verb: 'publish', args: { data: 'news', wait: false } },
    { verb: 'released', args: { request: 'waiter', update: { data: 'news' } } },
  ],
})

const noContent = 'HTTP/1.1 204 No Content\r\n\r\n'

/** Plays the case on a server whose holds last 200 ms; it responds to a poll after `holdMs`, and to a publish after `publishMs`. */
const playedWith = (holdMs: number, publishMs: number) =>
  playedOn(
    released,
    // The first connection carries the poll, the second the publish.
    (socket, connection) => setTimeout(() => socket.end(noContent), connection === 1 ? holdMs : publishMs),
    {
      description: {
        'long-polling': { path: '/wait', timeout: { status: 204, after: '200ms' } },
        publish: { request: { method: 'POST', path: '/publish', body: '${data}' } },
      },
    },
  )

test.concurrent('a hold that times out before the target has accepted the update is not judged', async () => {
  expect(await playedWith(250, 500)).toMatchObject([
    { verdict: 'inconclusive', reason: 'the hold ended before the target had accepted the update' },
  ])
})

test.concurrent('a hold that times out after the target has accepted the update has lost it', async () => {
  expect(await playedWith(250, 0)).toMatchObject([{ verdict: 'fail' }])
})

test.concurrent('an empty response before the time-out does not deliver the update', async () => {
  expect(await playedWith(50, 500)).toMatchObject([{ verdict: 'fail' }])
})
