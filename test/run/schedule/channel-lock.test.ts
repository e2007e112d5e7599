import { expect, test } from '@jest/globals'

import { ChannelLock, ChannelAccess } from '../../../runner/run/schedule/channel-lock.ts'
import type { Step } from '../../../runner/chapters/chapter.ts'

const stepsOf = (...verbs: readonly string[]): Step[] =>
  verbs.map((verb, index) => ({
    verb,
    args: {},
    given: false,
    index,
    place: { file: '', line: 1, column: 1 },
  }))

/** Whether a promise is settled once everything that could settle it has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(() => (settled = true))
  await new Promise(setImmediate)
  return settled
}

test('those that publish have the channel to themselves, in the order in which they came', async () => {
  const channel = new ChannelLock()
  const [first, second] = [1, 2].map(() => new ChannelAccess(channel, stepsOf('poll', 'publish', 'released')))
  await first?.before(0)
  const waits = second?.before(0) ?? Promise.resolve()
  expect(await isSettled(waits)).toBe(false)
  first?.end()
  expect(await isSettled(waits)).toBe(true)
})

test('waits for a time-out go on side by side, and give way to whoever publishes only afterwards', async () => {
  const channel = new ChannelLock()
  const verbs = stepsOf('poll', 'timed-out', 'publish', 'released')
  const [first, second] = [1, 2].map(() => new ChannelAccess(channel, verbs))
  await first?.before(0)
  await second?.before(0)
  const publishing = first?.before(2) ?? Promise.resolve()
  expect(await isSettled(publishing)).toBe(false)
  second?.end()
  expect(await isSettled(publishing)).toBe(true)
})
