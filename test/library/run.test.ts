import { createServer } from 'node:net'
import { afterAll, describe, expect, test } from '@jest/globals'
import { createReferenceServer } from '../../reference-server/index.ts'
import {
  loadCases,
  loadTarget,
  type Result,
  run,
  SelectionError,
  Tally,
  Unreachable,
} from '../../runner/index.ts'

const server = createReferenceServer()
const { host } = await server.listen(0)
afterAll(() => server.close())

async function all(results: AsyncIterable<Result>): Promise<Result[]> {
  const seen = []
  for await (const result of results) seen.push(result)
  return seen
}

/** A port that accepts connections and never sends a byte. */
async function silentPort(): Promise<{ port: number; close: () => void }> {
  const silent = createServer()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, close: () => silent.close() }
}

describe('the library', () => {
  test('plays the selected cases against a URL and gives one result for each instance', async () => {
    const only = ['websocket/closing']
    const results = await all(run({ target: `ws://${host}/echo`, only }))
    const cases = await loadCases({ only })
    const instances = cases.flatMap(({ id, instances: own }) => own.map(({ name }) => `${id} ${name}`))
    expect(results.map(({ id, instance }) => `${id} ${instance}`).toSorted()).toEqual(instances.toSorted())
    expect(new Set(results.map(({ protocol }) => protocol))).toEqual(new Set(['websocket']))
  })

  test('plays against the reference server by default', async () => {
    const tally = new Tally()
    for await (const result of run({ only: ['polling'] })) tally.add(result)
    expect(tally.summary.pass).toBeGreaterThan(0)
    expect(tally.summary.fail).toBe(0)
  })

  test('plays against a loaded target, and leaves it open', async () => {
    const target = await loadTarget(`ws://${host}/echo`)
    const only = ['websocket/closing']
    const twice = [...(await all(run({ target, only }))), ...(await all(run({ target, only })))]
    expect(twice.map(({ verdict }) => verdict)).not.toContain('fail')
    await target.close()
  })

  test('ends when the loop is left', async () => {
    const seen = []
    for await (const result of run({ target: `ws://${host}/echo`, only: ['websocket'] })) {
      seen.push(result)
      break
    }
    expect(seen).toHaveLength(1)
  })

  test('ends when the signal aborts, without judging cases that had begun', async () => {
    const { port, close } = await silentPort()
    const stop = new AbortController()
    const results = []
    const running = run({
      target: `ws://127.0.0.1:${port}/`,
      only: ['websocket/closing'],
      signal: stop.signal,
    })
    setTimeout(() => stop.abort(), 50)
    for await (const result of running) results.push(result)
    expect(results.filter(({ verdict }) => verdict === 'fail' || verdict === 'pass')).toEqual([])
    close()
  })

  test('throws for a selection without cases', async () => {
    await expect(all(run({ only: ['websocket/clozing'] }))).rejects.toThrow(SelectionError)
  })

  test('throws for an unreachable target', async () => {
    const { port, close } = await silentPort()
    close()
    await expect(all(run({ target: `http://127.0.0.1:${port}` }))).rejects.toThrow(Unreachable)
  })
})
