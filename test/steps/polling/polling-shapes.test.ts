import { expect, test } from '@jest/globals'
import { createReferenceServer, type ReferenceOptions } from '../../../reference-server/index.ts'
import { run } from '../../../runner/run/run.ts'
import type { TargetDescription } from '../../../runner/targets/description/schema.ts'
import { Target } from '../../../runner/targets/target.ts'
import { loadCases } from '../../../runner/index.ts'
import type { Result } from '../../../runner/run/result.ts'

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

function targetOf({ polling }: Shape, base: URL): Target {
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

const cases = await loadCases({ only: ['polling'] })

test.concurrent.each(shapes)(
  'the polling chapters pass on a server that responds with $name',
  async (shape) => {
    const server = createReferenceServer(shape.options)
    const target = targetOf(shape, await server.listen())
    const results: Result[] = []
    try {
      for await (const result of run({ target, cases, slow: 3 })) results.push(result)
    } finally {
      await target.close()
      await server.close()
    }
    const played = results.filter(({ verdict }) => verdict !== 'skip')
    const wrong = played.filter(({ verdict }) => verdict !== 'pass')
    expect(wrong.map(({ id, reason }) => [id, reason])).toEqual([])
    expect(played.length).toBeGreaterThan(9)
  },
)
