import { afterEach, expect, test } from '@jest/globals'
import { run } from '../../../../runner/run/run.ts'
import { loadTarget } from '../../../../runner/targets/load.ts'
import { type Dialect, send, serve, Waiting } from '../../../servers/serving.ts'
import { loadCases } from '../../../../runner/index.ts'

const served: Dialect[] = []
afterEach(async () => {
  await Promise.all(served.splice(0).map((one) => one.close()))
})

/** Event streams that end after two events each; a client that reconnects continues after its last event, or starts with new ones. */
async function endingStreams({ remembers }: { readonly remembers: boolean }): Promise<Dialect> {
  const waiting = new Waiting()
  const events: string[] = []
  const server = await serve(async (asked) => {
    if (asked.method === 'POST') {
      events.push(asked.body)
      waiting.wake('all')
      return send(asked, 204)
    }
    const { response, request } = asked
    const last = request.headers['last-event-id']
    const first = remembers && last !== undefined ? Number(last) + 1 : events.length
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 10\n\n')
    for (let id = first; id < first + 2; id++) {
      while (events.length <= id) if (!(await waiting.until('all', asked))) return
      response.write(`id: ${id}\ndata: ${events[id]}\n\n`)
    }
    response.end()
  })
  served.push(server)
  return server
}

async function verdictOn({ origin }: Dialect, slow = 1): Promise<string[]> {
  const target = (await loadTarget(origin)).as(
    {
      target: origin,
      publish: { request: { method: 'POST', path: '/all', body: '${data}' } },
      sse: { path: '/events', resume: true },
    },
    '',
  )
  const cases = await loadCases({ only: ['delivery/order/as-published'] })
  const verdicts: string[] = []
  for await (const { instance, verdict } of run({ target, cases, slow, isOverloaded: () => false }))
    if (instance === 'sse') verdicts.push(verdict)
  await target.close()
  return verdicts
}

test('a client whose stream has ended reconnects and misses nothing', async () => {
  expect(await verdictOn(await endingStreams({ remembers: true }))).toEqual(['pass'])
})

test('an update that a server forgets between two streams is lost', async () => {
  expect(await verdictOn(await endingStreams({ remembers: false }), 0.3)).toEqual(['fail'])
})
