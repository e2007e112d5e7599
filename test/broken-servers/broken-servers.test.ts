import { beforeAll, describe, expect, test } from '@jest/globals'
import { type BrokenServer, brokenServers, listening } from '../../fixtures/broken-servers/index.ts'
import { createWebSocketServer } from '../../fixtures/broken-servers/plain-websocket.ts'
import { loadCases } from '../../runner/cli/cases.ts'
import type { Result } from '../../runner/run/result.ts'
import { run } from '../../runner/run/run.ts'
import { select } from '../../runner/run/select.ts'
import { Target } from '../../runner/target/target.ts'
import { Console } from '../cli/console.ts'

const everyCase = loadCases({}, new Console())

async function played(broken: BrokenServer): Promise<Result[]> {
  const cases = select(await everyCase, { only: broken.plays })
  const server = await listening(broken.create())
  const target = new Target({
    name: broken.name,
    base: new URL(server.origin),
    description: { ...broken.description, target: server.origin },
    tls: { rejectUnauthorized: true },
    secrets: [],
    env: {},
    isBare: false,
    took: '',
  })
  const results: Result[] = []
  try {
    for await (const result of run({ target, cases, slow: 0.5, concurrency: 24, seed: 'broken' }))
      results.push(result)
    return results
  } finally {
    await target.close()
    await server.close()
  }
}

const failing = (results: readonly Result[]): string[] => [
  ...new Set(results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ id }) => id)),
]

describe.each(brokenServers.map((broken) => [broken.name, broken] as const))(
  'a server that %s',
  (_, broken) => {
    let results: readonly Result[] = []
    beforeAll(async () => {
      results = await played(broken)
    })

    test('fails where it is wrong', () => {
      expect(failing(results)).toEqual(expect.arrayContaining([...broken.fails]))
    })

    test('and nowhere else', () => {
      const innocent = results.filter(
        ({ id, requirements }) =>
          !broken.fails.includes(id) && !requirements.some((one) => broken.breaks.includes(one.id)),
      )
      expect(innocent.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(0)
      expect(failing(innocent)).toEqual([])
    })
  },
)

test('a server of another make that does nothing wrong fails nowhere', async () => {
  const [another] = brokenServers.filter(({ plays }) => plays.includes('websocket'))
  if (another === undefined) throw new Error('there is no such server')
  const results = await played({ ...another, create: () => createWebSocketServer({}) })
  const found = results.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive')
  expect(found.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
})

test('there is more than one for each technique', () => {
  for (const technique of ['long-polling', 'server-sent-events', 'websocket'])
    expect(
      brokenServers.filter(({ plays }) => plays.some((one) => one.startsWith(technique))).length,
    ).toBeGreaterThan(1)
})
