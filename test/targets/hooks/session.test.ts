import { afterEach, describe, expect, test } from '@jest/globals'
import { HookFailed } from '../../../runner/targets/errors/hook-failed.ts'
import { openSession } from '../../../runner/targets/hooks/session.ts'
import { closeAll, described, failureOf, httpServer, never } from '../servers.ts'

afterEach(closeAll)

const scope = { channel: 'c', nonce: 'n' }

const twoSteps = (origin: string): string => `
target: ${origin}
sse: { path: "/e/\${sid}", setup: [{ request: { path: /one } }, { request: { path: /two }, capture: { sid: { json: /sid } } }] }
`

describe('a session', () => {
  test('is nothing where no setup is described', async () => {
    const target = await described('target: http://127.0.0.1:1\nsse: { path: /e }')
    expect(await openSession(target, 'sse', scope, never())).toEqual(scope)
  })

  test('captures what later requests need, and carries cookies on', async () => {
    const server = await httpServer(({ path }, response) => {
      if (path === '/login') response.writeHead(302, { 'set-cookie': ['sid=abc; HttpOnly', 'lang=en'] }).end()
      else response.writeHead(200, { 'x-token': 'tok', 'set-cookie': 'sid=def' }).end('0{"id":"i 1"}')
    })
    const target = await described(
      `
target: ${server.origin}
long-polling:
  path: "/poll?id=\${self}&t=\${token}"
  setup:
    - request: { method: POST, path: /login, body: "as=\${channel}" }
      capture: { first: { cookie: sid } }
    - request: { path: "/open/\${first}" }
      capture: { token: { header: x-token }, self: { match: '"id":"([^"]+)"' }, sid: { cookie: sid } }
`,
    )
    const opened = await openSession(target, 'long-polling', scope, never())
    expect(opened).toMatchObject({ ...scope, first: 'abc', token: 'tok', self: 'i 1', sid: 'def' })
    expect(server.asked.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      'POST /login as=c',
      'GET /open/abc ',
    ])
    expect(server.asked[1]?.headers.cookie).toBe('sid=abc; lang=en')
    const address = target.address('long-polling', opened)
    expect(address.url.search).toBe('?id=i%201&t=tok')
    expect(address.headers).toContainEqual(['cookie', 'sid=def; lang=en'])
  })

  test('of the feed of updates is that of the WebSocket', async () => {
    const server = await httpServer((_asked, response) => response.end('{"sid":"x"}'))
    const target = await described(`
target: ${server.origin}
websocket: { path: /ws, updates: "/feed?sid=\${sid}", setup: [{ request: { path: /s }, capture: { sid: { json: /sid } } }] }
`)
    const opened = await openSession(target, 'updates', scope, never())
    expect(target.address('updates', opened).url.search).toBe('?sid=x')
  })

  test('whose step is refused fails and names the step', async () => {
    const server = await httpServer(({ path }, response) =>
      response.writeHead(path === '/two' ? 500 : 200).end('broken'),
    )
    const error = await failureOf(
      openSession(await described(twoSteps(server.origin)), 'sse', scope, never()),
    )
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(
      /^sse setup, step 2 \(GET http:\S+\/two\): wanted a status below 400, got 500 "broken"$/,
    )
  })

  test('that does not get what it is to capture fails and shows the answer', async () => {
    const server = await httpServer((_asked, response) => response.end('{"other":1}'))
    const error = await failureOf(
      openSession(await described(twoSteps(server.origin)), 'sse', scope, never()),
    )
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(
      /step 2 .*"sid" is not in the response: \{"json":"\/sid"\}, got 200 "\{\\"other\\":1\}"$/,
    )
  })

  test('that is not answered in time fails and names the step', async () => {
    const over = new AbortController()
    const server = await httpServer(() => over.abort(new DOMException('late', 'TimeoutError')))
    const error = await failureOf(
      openSession(await described(twoSteps(server.origin)), 'sse', scope, over.signal),
    )
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(/step 1 .*no response in time/)
  })
})
