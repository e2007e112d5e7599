import { expect, test } from '@jest/globals'
import { join } from 'node:path'
import { packageRoot } from '../../../runner/package/paths.ts'
import { run } from '../../../runner/run/run.ts'
import { loadTarget } from '../../../runner/targets/load.ts'
import { endingOf } from '../../../runner/targets/description/schema.ts'
import type { Target } from '../../../runner/targets/target.ts'
import { consul } from './dialects/consul.ts'
import { durableStreams } from './dialects/durable-streams.ts'
import { mailboxes } from './dialects/mailboxes.ts'
import type { Dialect } from '../../servers/serving.ts'
import { tornadoChat } from './dialects/tornado-chat.ts'
import { loadCases } from '../../../runner/index.ts'

interface DescribedDialect {
  readonly serve: () => Promise<Dialect>
  /** The description in `fixtures/targets`. */
  readonly name: string
  /** Prefixes of the ids of the cases to play. */
  readonly chapters: readonly string[]
  /** The time-out of the server in this test, if a client cannot set one. */
  readonly after?: string
  /** The least number of instances that pass. */
  readonly passes: number
}

/** Without `delivery/content`, because the demo trims updates. */
const contracts = ['long-polling/', 'delivery/exactly-once/', 'delivery/order/']

const dialects: readonly DescribedDialect[] = [
  { name: 'consul', serve: consul, chapters: ['long-polling/'], passes: 40 },
  {
    name: 'durable-streams',
    serve: durableStreams,
    chapters: ['long-polling/', 'polling/', 'delivery/'],
    after: '10s',
    passes: 90,
  },
  { name: 'tornado-chat', serve: tornadoChat, chapters: contracts, passes: 45 },
  {
    name: 'mailboxes',
    serve: mailboxes,
    chapters: ['long-polling/', 'delivery/'],
    after: '10s',
    passes: 40,
  },
]

const every = await loadCases({ only: ['long-polling', 'polling', 'delivery'] })

async function targetOf({ name, after }: DescribedDialect, server: Dialect): Promise<Target> {
  const file = join(packageRoot, 'fixtures', 'targets', `${name}.yaml`)
  const target = await loadTarget(file, { target: server.origin })
  const { 'long-polling': polls = { path: '' } } = target.description
  const timeout = after === undefined ? polls.timeout : { ...endingOf(target.description), after }
  return target.as({ ...target.description, 'long-polling': { ...polls, ...(timeout && { timeout }) } }, '')
}

// The cases mostly wait, so the dialects are tested concurrently.
test.concurrent.each(dialects)(
  'the description of $name fits a server that was written from its documentation',
  async (dialect) => {
    const server = await dialect.serve()
    const target = await targetOf(dialect, server)
    const wrong: string[] = []
    let passed = 0
    try {
      const cases = every.filter(({ id }) => dialect.chapters.some((one) => id.startsWith(one)))
      for await (const { id, instance, verdict, reason } of run({ target, cases, slow: 2 }))
        if (verdict === 'pass') passed++
        else if (verdict !== 'skip') wrong.push(`${verdict} ${id} [${instance}]: ${reason}`)
    } finally {
      await target.close()
      await server.close()
    }
    expect(wrong).toEqual([])
    expect(passed).toBeGreaterThanOrEqual(dialect.passes)
  },
)
