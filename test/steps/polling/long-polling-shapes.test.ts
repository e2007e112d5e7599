import { expect, test } from '@jest/globals'
import type { LongPollingShape } from '../../../reference-server/updates/options.ts'
import { createReferenceServer, type ReferenceServer } from '../../../reference-server/index.ts'
import { run } from '../../../runner/run/run.ts'
import { loadTarget } from '../../../runner/targets/load.ts'
import { referenceDescription } from '../../../runner/package/paths.ts'
import { Target } from '../../../runner/targets/target.ts'
import { loadCases } from '../../../runner/index.ts'

type Described = NonNullable<Target['description']['long-polling']>

interface Shape {
  readonly name: string
  readonly serves: Partial<LongPollingShape>
  /** Changes to the description of the reference server. */
  readonly described: Partial<Described>
  /** Keys that are removed from that description. */
  readonly without?: readonly (keyof Described)[]
  /** More cases than this pass (default: 30). */
  readonly passes?: number
  /** The cases that give a warning, in the order of their results. */
  readonly warns?: readonly string[]
}

const timeout: NonNullable<Described['timeout']> = {
  status: 204,
  after: '25s',
  set: { query: 'wait', unit: 'ms' },
  cursor: true,
  bad: true,
  zero: true,
}

const validators: Partial<Described> = {
  cursor: { from: { header: 'etag' }, send: { header: 'if-none-match' } },
  unusable: { malformed: { send: 'x', then: 400 }, future: { send: '"999999999"', then: 400 } },
}

const shapes: readonly Shape[] = [
  { name: 'a time-out is 204, the cursor is in a field and sent in the query', serves: {}, described: {} },
  {
    name: 'a time-out is a 200 without updates',
    serves: { timeoutStatus: 200 },
    described: { timeout: { ...timeout, status: 200 } },
  },
  {
    name: 'a time-out is 304, the cursor is a validator',
    serves: { timeoutStatus: 304, cursor: 'validators' },
    described: { ...validators, timeout: { ...timeout, status: 304 }, ordered: false },
  },
  {
    name: 'a time-out is 408, each response has one update, the cursor is a validator',
    serves: { timeoutStatus: 408, cursor: 'validators', delivers: 'one' },
    described: { ...validators, timeout: { ...timeout, status: 408 }, delivers: 'one', ordered: false },
  },
  {
    name: 'the cursor is in a field of the response and of the request',
    serves: { cursor: 'header' },
    described: { cursor: { from: { header: 'next-cursor' }, send: { header: 'since' } } },
  },
  {
    name: 'the cursor is in the body, also at a time-out',
    serves: { cursor: 'json', timeoutStatus: 200 },
    described: {
      cursor: { from: { json: '/next' }, send: { query: 'since' } },
      timeout: { ...timeout, status: 200 },
    },
  },
  {
    name: 'the cursor is in the body, but not at a time-out',
    serves: { cursor: 'json', delivers: 'one' },
    described: {
      cursor: { from: { json: '/next' }, send: { query: 'since' } },
      timeout: { ...timeout, cursor: false },
      delivers: 'one',
    },
  },
  {
    name: 'a response has only the last state',
    serves: { delivers: 'last' },
    described: { delivers: 'last' },
  },
  {
    name: 'the time-out cannot be set',
    serves: {},
    described: { timeout: { status: 204, after: '8s', cursor: true } },
  },
  { name: 'the description says nothing about time-outs', serves: {}, described: { timeout: {} } },
  { name: 'a hold never ends without an update', serves: {}, described: { timeout: 'never' } },
  {
    name: 'there is no cursor, and updates between two polls are lost',
    serves: {},
    described: { timeout: { ...timeout, cursor: false } },
    without: ['cursor', 'initial', 'unusable', 'ordered'],
    passes: 20,
    warns: ['long-polling/reconnecting/kept-for-the-next-poll'],
  },
  { name: 'the target does not count waiting requests', serves: {}, described: {}, without: ['waiters'] },
  {
    name: 'all cases share one channel',
    serves: {},
    without: ['waiters'],
    described: { path: '/wait/all', timeout: { status: 204, after: '8s', cursor: true } },
  },
]

const cases = await loadCases({ only: ['long-polling'] })

const serverOf = ({ serves, described: { timeout: described } }: Shape): ReferenceServer =>
  createReferenceServer({
    // Short only if cases wait for the time-out and cannot set it.
    holdMs:
      typeof described === 'object' && described.after !== undefined && described.set === undefined
        ? 8000
        : 25_000,
    closeMs: 200,
    longPolling: { timeoutStatus: 204, cursor: 'query', delivers: 'many', ...serves },
  })

async function targetOf({ described, without = [] }: Shape, base: URL): Promise<Target> {
  const { description } = await loadTarget(referenceDescription, { target: base.origin })
  const isShared = described.path !== undefined
  const usual = { ...(description['long-polling'] ?? { path: '' }) }
  for (const key of without) delete usual[key]
  return new Target({
    name: base.origin,
    base,
    description: {
      ...description,
      ...(isShared
        ? { publish: { request: { method: 'POST', path: '/publish/all', body: '${data}' } } }
        : {}),
      'long-polling': { ...usual, ...described },
    },
    tls: { rejectUnauthorized: false },
    secrets: [],
    env: {},
    isBare: false,
    took: '',
  })
}

// The cases mostly wait, so the shapes are tested concurrently.
test.concurrent.each(shapes.map((shape) => [shape.name, shape] as const))('%s', async (_name, shape) => {
  const server = serverOf(shape)
  const target = await targetOf(shape, await server.listen())
  const wrong: string[] = []
  const warned: string[] = []
  let passed = 0
  try {
    for await (const result of run({ target, cases, slow: 2 })) {
      const { id, instance, verdict, reason } = result
      if (verdict === 'pass') passed++
      else if (verdict === 'warn' && shape.warns?.includes(id)) warned.push(id)
      else if (verdict !== 'skip') wrong.push(`${verdict} ${id} [${instance}]: ${reason}`)
    }
  } finally {
    await target.close()
    await server.close()
  }
  expect(wrong).toEqual([])
  expect(warned).toEqual(shape.warns ?? [])
  expect(passed).toBeGreaterThan(shape.passes ?? 30)
})
