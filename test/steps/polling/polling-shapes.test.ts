import { afterEach, describe, expect, test } from '@jest/globals'
import {
  createReferenceServer,
  type ReferenceOptions,
  type ReferenceServer,
} from '../../../reference-server/index.ts'
import { requirementsFolder, specsFolder } from '../../../runner/package/paths.ts'
import { run } from '../../../runner/run/run.ts'
import { loadChapters } from '../../../runner/chapters/load.ts'
import { loadRegister } from '../../../runner/chapters/register/register.ts'
import { verbs } from '../../../runner/steps/index.ts'
import type { TargetDescription } from '../../../runner/targets/description/schema.ts'
import { Target } from '../../../runner/targets/target.ts'
import { needs } from '../../../runner/targets/description/needs.ts'

type Polling = NonNullable<TargetDescription['polling']>

interface Shape {
  readonly name: string
  readonly options: Partial<ReferenceOptions>
  readonly polling: Partial<Polling>
}

const byQuery = { from: { json: '/next' }, send: { query: 'since' } }
const byField = { from: { header: 'next-cursor' }, send: { header: 'last-cursor' } }
const byTag = { from: { header: 'etag' }, send: { header: 'if-none-match' } }
const updates = { json: '/updates/*/data' }

/** How a response without updates looks, and where the cursor is. */
const shapes: readonly Shape[] = [
  {
    name: 'a list without updates, and a cursor in the query',
    options: {},
    polling: { cursor: byQuery, empty: { status: 200 }, delivers: 'many' },
  },
  {
    name: 'an empty array, and a cursor in a field',
    options: { pollCursor: 'header', pollEmpty: 'array' },
    polling: { cursor: byField, empty: { status: 200, body: '[]' }, delivers: 'many' },
  },
  {
    name: 'a 204, and a cursor in a field',
    options: { pollCursor: 'header', pollEmpty: 'no-content' },
    polling: { cursor: byField, empty: { status: 204, body: '' }, delivers: 'many' },
  },
  {
    name: 'no content, and a cursor from a field into the query',
    options: { pollEmpty: 'nothing' },
    polling: {
      cursor: { from: { header: 'next-cursor' }, send: { query: 'since' } },
      empty: { status: 200, body: '' },
      delivers: 'many',
    },
  },
  {
    name: 'a 204, and one update at a time',
    options: { pollEmpty: 'no-content', pollBatch: 1 },
    polling: { cursor: byQuery, empty: { status: 204 }, delivers: 'one' },
  },
  {
    name: 'a 304, and validators as cursor of a document that is the last state',
    options: { pollCursor: 'validators' },
    polling: { cursor: byTag, empty: { status: 304 }, delivers: 'last', validators: true, dates: true },
  },
]

const servers: ReferenceServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function targetOf({ options, polling }: Shape): Promise<Target> {
  const server = createReferenceServer(options)
  servers.push(server)
  const base = await server.listen()
  const description = {
    target: base.origin,
    publish: { request: { method: 'POST', path: '/publish/${channel}', body: '${data}' } },
    polling: {
      path: '/poll/${channel}',
      update: updates,
      initial: 'oldest' as const,
      independent: true,
      freshness: true,
      ...polling,
    },
  }
  return new Target({
    name: base.origin,
    base,
    description,
    tls: { rejectUnauthorized: true },
    secrets: [],
    env: {},
    isBare: false,
    took: '',
  })
}

describe('the polling chapters', () => {
  test.each(shapes)('pass on a server that answers with $name', async (shape) => {
    const register = await loadRegister(requirementsFolder)
    const chapters = await loadChapters([specsFolder], { verbs, needs, register })
    const cases = chapters.flatMap((one) => one.cases).filter(({ id }) => id.startsWith('polling/'))
    const target = await targetOf(shape)
    const results = []
    for await (const result of run({ target, cases, slow: 3 })) results.push(result)
    await target.close()
    const played = results.filter(({ verdict }) => verdict !== 'skip')
    expect(played.filter(({ verdict }) => verdict !== 'pass').map(({ id, reason }) => [id, reason])).toEqual(
      [],
    )
    expect(played.length).toBeGreaterThan(9)
  })
})
