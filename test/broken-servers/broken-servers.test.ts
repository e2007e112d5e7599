import { SourceTextModule } from 'node:vm'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { type BrokenServer, brokenServers } from '../../fixtures/broken-servers/index.ts'
import { reproduce } from '../../runner/report/reproduce.ts'
import { createWebSocketServer } from '../../fixtures/broken-servers/plain-websocket.ts'
import type { Result } from '../../runner/run/result.ts'
import { playedOnBroken } from './playing.ts'

const failing = (results: readonly Result[]): string[] => [
  ...new Set(results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ id }) => id)),
]

/** They mostly wait, so some of them wait side by side. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve(), Promise.resolve()]

function inLane(index: number, broken: BrokenServer): Promise<readonly Result[]> {
  const lane = index % lanes.length
  const played = lanes[lane]?.then(() => playedOnBroken(broken, broken.plays, (all) => all))
  lanes[lane] = Promise.allSettled([played])
  return played ?? Promise.reject(new RangeError(`there is no lane ${lane}`))
}

describe.each(brokenServers.map((broken, index) => [broken.name, broken, inLane(index, broken)] as const))(
  'a server that %s',
  (_, broken, played) => {
    let results: readonly Result[] = []
    beforeAll(async () => {
      // Making scripts blocks this process, which would be an excuse for those that are still waited for.
      await Promise.all(lanes)
      results = await played
    })

    test('fails where it is wrong', () => {
      const found = failing(results)
      const missed = broken.fails.filter((id) => !found.includes(id))
      const instead = results.filter(({ id }) => missed.includes(id))
      expect(instead.map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason}`)).toEqual([])
      expect(missed).toEqual([])
    })

    test('and nowhere else', () => {
      const innocent = results.filter(
        ({ id, requirements }) =>
          !broken.fails.includes(id) && !requirements.some((one) => broken.breaks.includes(one.id)),
      )
      expect(innocent.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(0)
      expect(failing(innocent)).toEqual([])
    })

    test('and a script of at most 25 lines shows each exchange', () => {
      const exchanges = results.filter(({ transcript }) => transcript.some(({ act }) => act === 'open'))
      const scripts = exchanges.map(reproduce).filter((made) => typeof made !== 'string')
      expect(scripts.length).toBeGreaterThan(exchanges.length * 0.8)
      for (const { script } of scripts) {
        expect(script.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
        expect(() => new SourceTextModule(script)).not.toThrow()
      }
    })
  },
)

test('a server of another make that does nothing wrong fails nowhere', async () => {
  const [another] = brokenServers.filter(({ plays }) => plays.includes('websocket'))
  if (another === undefined) throw new Error('there is no such server')
  const correct = { ...another, create: () => createWebSocketServer({}) }
  const results = await playedOnBroken(correct, ['websocket'], (all) => all)
  const found = results.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive')
  expect(found.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
})

test('there is more than one for each technique', () => {
  for (const technique of ['long-polling', 'server-sent-events', 'websocket'])
    expect(
      brokenServers.filter(({ plays }) => plays.some((one) => one.startsWith(technique))).length,
    ).toBeGreaterThan(1)
})
