import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, afterAll } from '@jest/globals'
import { run } from '../../../runner/index.ts'
import { closedPort } from '../../targets/servers.ts'
import { createReferenceServer, type ReferenceServer } from '../../../reference-server/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'pushspec-restart-'))
let files = 0
const servers: ReferenceServer[] = []
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await rm(folder, { recursive: true, force: true })
})

/** The address of a reference server that is closed when all tests are done: they run at the same time. */
async function served(): Promise<URL> {
  const server = createReferenceServer({ closeMs: 500 })
  servers.push(server)
  return server.listen()
}

/** Plays cases on a reference server described with `more`; returns verdict and reason by the name of the case. */
async function played(
  base: string,
  more: string,
  names: readonly string[],
  slow = 1,
): Promise<Record<string, string>> {
  const file = join(folder, `target-${files++}.yaml`)
  const publish = "publish: { request: { method: POST, path: '/publish/${channel}', body: '${data}' } }"
  const sse = "sse: { path: '/events/${channel}', resume: true, retry: true }"
  await writeFile(file, [`target: ${base}`, publish, sse, more].join('\n'))
  const only = names.map((name) => `server-sent-events/restart/${name}`)
  const verdicts: Record<string, string> = {}
  for await (const one of run({ target: file, only, slow }))
    verdicts[one.id.split('/').at(-1) ?? ''] = `${one.verdict} ${one.reason}`.trim()
  return verdicts
}

describe('a restart', () => {
  test.concurrent(
    'of a process that the kit has started brings back a server that has forgotten everything',
    async () => {
      const port = await closedPort()
      const command = `${process.execPath} bin/pushspec.js serve --port ${port} --retry 200ms`
      const more = `start: { command: ${JSON.stringify(command)}, ready: / }\nrestart: {}`
      const only = ['stock-client-comes-back', 'resumes-after-a-restart', 'ids-are-not-given-again']
      expect(await played(`http://127.0.0.1:${port}`, more, only)).toEqual({
        'stock-client-comes-back': 'pass',
        'resumes-after-a-restart': 'skip the target has no restart.keeps',
        'ids-are-not-given-again': expect.stringMatching(/^fail .*anything but "1".* last event ID "1"$/),
      })
    },
    60_000,
  )

  test.concurrent('may be a command', async () => {
    const base = await served()
    const script = `fetch(${JSON.stringify(new URL('/restart', base))}, { method: 'POST' })`
    const more = `restart: { command: ${JSON.stringify([process.execPath, '-e', script])}, keeps: true }`
    expect(await played(base.origin, more, ['resumes-after-a-restart'])).toEqual({
      'resumes-after-a-restart': 'pass',
    })
  })

  test.concurrent('that fails is not blamed on the target', async () => {
    const base = await served()
    const only = 'streams-can-be-opened-again'
    expect((await played(base.origin, 'restart: { command: exit 3 }', [only]))[only]).toBe(
      'inconclusive restart: "exit 3" ended with exit code 3',
    )
    const request = 'restart: { request: { path: /nowhere } }'
    expect((await played(base.origin, request, [only]))[only]).toMatch(
      /^inconclusive restart: GET .*: wanted a 2xx status, got 404/,
    )
  })

  test.concurrent('that closes no connection makes the case inconclusive', async () => {
    const base = await served()
    const only = 'streams-can-be-opened-again'
    expect((await played(base.origin, 'restart: { request: { path: / } }', [only], 0.2))[only]).toBe(
      'inconclusive the restart left the connection of "before" open for 10s',
    )
  })
})
