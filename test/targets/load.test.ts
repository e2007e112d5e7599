import { afterEach, describe, expect, test } from '@jest/globals'
import { dirname, join, resolve } from 'node:path'
import { mkdir, writeFile } from 'node:fs/promises'
import { InputError } from '../../runner/documents/problems.ts'
import { endingOf } from '../../runner/targets/description/schema.ts'
import { loadTarget } from '../../runner/targets/load.ts'
import { closeAll, described, failureOf, file, folder } from './servers.ts'

afterEach(closeAll)

/** Problems of a description, without the name of the file. */
async function problemsOf(yaml: string, env: Record<string, string> = {}): Promise<string[]> {
  const error = await failureOf(described(yaml, { env }))
  if (!(error instanceof InputError)) throw error
  return error.problems.map(({ place, text }) => `${place.line}:${place.column}: ${text}`)
}

describe('a URL', () => {
  test('of a WebSocket is an endpoint at once', async () => {
    const target = await loadTarget('ws://127.0.0.1:9000/echo?room=1')
    expect(target.isBare).toBe(false)
    expect(target.description.websocket).toEqual({ path: '/echo?room=1' })
    expect(target.address('websocket', {}).url.href).toBe('ws://127.0.0.1:9000/echo?room=1')
    expect(target.ability('websocket').has).toBe(true)
    expect(target.ability('http').has).toBe(false)
  })

  test('of HTTP is bare: it is to be looked at', async () => {
    const target = await loadTarget('https://example.org/a%20b?c=d#e')
    expect(target.isBare).toBe(true)
    expect(target.address('http', {}).url.href).toBe('https://example.org/a%20b?c=d')
    expect(target.ability('tls').has).toBe(true)
  })

  test('may hold the channel', async () => {
    const target = await loadTarget('ws://127.0.0.1:9000/room/${channel}')
    expect(target.address('websocket', { channel: 'a b' }).url.pathname).toBe('/room/a%20b')
    expect(target.isShared('websocket')).toBe(false)
  })

  test('with a user name and a password hides both and sends them', async () => {
    const target = await loadTarget('ws://ann:s%20cret@127.0.0.1:9000/echo')
    const credentials = `Basic ${Buffer.from('ann:s cret').toString('base64')}`
    expect(target.name).toBe('ws://127.0.0.1:9000/echo')
    expect(target.address('websocket', {}).url.href).toBe('ws://127.0.0.1:9000/echo')
    expect(target.address('websocket', {}).headers).toEqual([['authorization', credentials]])
    expect(target.secrets).toEqual(expect.arrayContaining(['s%20cret', 's cret', credentials]))
    expect(JSON.stringify([target.name, target.description.target, target.base])).not.toMatch(/cret/)
  })

  test('with a token in its query does not show it', async () => {
    const target = await loadTarget('http://127.0.0.1/events?access_token=abc123&x=1')
    expect(target.name).toBe('http://127.0.0.1/events?access_token=…&x=1')
    expect(target.secrets).toContain('abc123')
  })

  test.each([
    ['ftp://127.0.0.1/', /http, https, ws or wss, got "ftp:/],
    ['http://127.0.0.1:99999/', /is not a URL/],
    ['ws://127.0.0.1/${chanel}', /unknown name \$\{chanel\} \(did you mean "channel"\?\)/],
    ['localhost:8080/echo', /neither a file nor a URL: write http:\/\/localhost:8080\/echo or ws:/],
    ['[::1]:8080', /neither a file nor a URL/],
    ['no-such-file.yaml', /no-such-file\.yaml: there is no such file.* a URL .* or a target description/],
  ])('that cannot be one is refused with what to do: %s', async (what, message) => {
    const error = await failureOf(loadTarget(what, { env: {} }))
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toMatch(message)
  })

  test('a folder is not a target', async () => {
    const error = await failureOf(loadTarget(await folder()))
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toMatch(/folder/)
  })
})

describe('a description', () => {
  test('gives all endpoints, below the path of the base', async () => {
    const target = await described(`
target: http://127.0.0.1:8080/app/
polling: { path: "/poll/\${channel}" }
sse: { path: "events?c=\${channel}" }
websocket: { path: ws, updates: "/feed/\${channel}" }
long-polling: { path: "https://other.test/wait" }
`)
    const scope = { channel: 'x y' }
    expect(target.address('polling', scope).url.href).toBe('http://127.0.0.1:8080/app/poll/x%20y')
    expect(target.address('http', scope).url.href).toBe('http://127.0.0.1:8080/app/poll/x%20y')
    expect(target.address('sse', scope).url.href).toBe('http://127.0.0.1:8080/app/events?c=x%20y')
    expect(target.address('websocket', scope).url.href).toBe('ws://127.0.0.1:8080/app/ws')
    expect(target.address('updates', scope).url.href).toBe('ws://127.0.0.1:8080/app/feed/x%20y')
    expect(target.address('long-polling', scope).url.href).toBe('https://other.test/wait')
  })

  test('with nothing but an address is like that URL', async () => {
    expect((await described('target: ws://127.0.0.1:1/echo')).description.websocket).toEqual({
      path: '/echo',
    })
    expect((await described('target: http://127.0.0.1:1/x')).isBare).toBe(true)
  })

  test('takes the environment into paths, headers and the address', async () => {
    const target = await described(
      'target: "http://${env.HOST}:8080"\nheaders: { Authorization: "Bearer ${env.TOKEN}", X-Trace: on1 }\nsse: { path: "/e?k=${env.KEY}" }',
      { env: { HOST: 'localhost', TOKEN: 'hush-hush', KEY: 'a/b', OTHER: 'other' } },
    )
    const { url, headers } = target.address('sse', {})
    expect(url.href).toBe('http://localhost:8080/e?k=a%2Fb')
    expect(headers).toEqual([
      ['Authorization', 'Bearer hush-hush'],
      ['X-Trace', 'on1'],
    ])
    expect([...target.secrets].toSorted()).toEqual(['Bearer hush-hush', 'a/b', 'hush-hush'])
    expect(target.scope({})).not.toHaveProperty(['env.OTHER'])
  })

  test('hides the fields that let one in, wherever they stand', async () => {
    const target = await described(`
target: http://127.0.0.1:1
headers: { X-Api-Key: key-1, accept: text/plain }
sse: { path: /e, headers: { Cookie: "sid=cookie-value-2; theme=d" } }
publish: { request: { path: /p, headers: { proxy-authorization: Basic cHJveHk= } } }
`)
    expect([...target.secrets].toSorted()).toEqual(
      ['key-1', 'sid=cookie-value-2; theme=d', 'cookie-value-2', 'Basic cHJveHk=', 'cHJveHk='].toSorted(),
    )
  })

  test('is overruled by the options', async () => {
    const target = await described(
      'target: http://127.0.0.1:1\nheaders: { A: one, B: two }\nsse: { path: /e }',
      {
        headers: [['a', '${literally}']],
        insecure: true,
        start: 'node server.js',
        ready: '/health',
        target: 'http://127.0.0.1:2',
      },
    )
    expect(target.address('sse', {}).headers).toEqual([
      ['B', 'two'],
      ['a', '${literally}'],
    ])
    expect(target.tls.rejectUnauthorized).toBe(false)
    expect(target.description.start).toEqual({ command: 'node server.js', ready: '/health' })
    expect(target.base.port).toBe('2')
  })

  test('names files and folders as seen from where it is', async () => {
    const path = await file(
      'target: https://127.0.0.1:1\ntls: { ca: certs/ca.pem }\nstart: { command: x, cwd: server }\nsse: { path: /e }',
    )
    await mkdir(join(dirname(path), 'certs'))
    await writeFile(join(dirname(path), 'certs/ca.pem'), '-----BEGIN CERTIFICATE-----\n')
    const target = await loadTarget(path)
    expect(target.tls.ca).toContain('BEGIN CERTIFICATE')
    expect(target.description.start?.cwd).toBe(resolve(dirname(path), 'server'))
  })

  test('says where something is wrong, and what was wanted', async () => {
    expect(await problemsOf('target: http://127.0.0.1:1\nsse:\n  path: /e\n  resume: "yes"\n')).toEqual([
      expect.stringMatching(/^4:11: "sse\.resume" must be true or false, got "yes"$/),
    ])
    expect(await problemsOf('target: http://127.0.0.1:1\nsse: { path: /e, resme: true }\n')).toEqual([
      expect.stringMatching(/^2:18: unknown key "resme" \(did you mean "resume"\?\)$/),
    ])
  })

  test('shows everything that is wrong at once', async () => {
    const problems = await problemsOf(`target: http://127.0.0.1:1
headers: { "bad name": x, authorization: "Bearer \${env.TOKEN}" }
polling:
  path: /p/\${chanel}
  cursor: { from: { match: "(" }, send: { query: since } }
sse: { path: "/e#frag", keepAlive: 90000s }
websocket:
  path: ftp://x/y
  setup: [{ request: { path: "/s/\${sid}" }, capture: { sid: { json: /sid }, channel: { json: /c } } }]
publish: { command: "send \${dta} \${HOME}" }
start: { command: " ", within: 0s }
`)
    expect(problems).toEqual([
      expect.stringContaining('"bad name" cannot be the name of a header field'),
      expect.stringContaining('the environment variable TOKEN is not set'),
      expect.stringContaining('unknown name ${chanel} (did you mean "channel"?)'),
      expect.stringContaining('Invalid regular expression'),
      expect.stringContaining('a path has no # part'),
      expect.stringContaining('"90000s" is longer than a day'),
      expect.stringContaining('a URL here begins with http, https, ws or wss, got "ftp"'),
      expect.stringContaining('unknown name ${sid}'),
      expect.stringContaining('a capture cannot be called "channel"'),
      expect.stringContaining('unknown name ${dta} (did you mean "data"?)'),
      expect.stringContaining('"start.command" is empty'),
      expect.stringContaining('"start.within" must be more than nothing'),
    ])
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      '2',
      '2',
      '4',
      '5',
      '6',
      '6',
      '8',
      '9',
      '9',
      '10',
      '11',
      '11',
    ])
  })

  test.each([
    ['target: 127.0.0.1:8080\nsse: { path: /e }', /^1:9: a target begins with http:\/\//],
    ['target: http://127.0.0.1:1?x=y\nsse: { path: /e }', /^1:9: a base URL has neither query nor # part/],
    ['target: http://127.0.0.1:1\ntls: { ca: nope.pem }', /^2:12: the certificates cannot be read/],
    ['target: http://127.0.0.1:1\nsse: { path: "http://[bad/" }', /^2:14: "http:\/\/\[bad\/" is not a URL/],
    ['target: http://127.0.0.1:1\nsse: { path: "/e/${channel" }', /^2:14: a \$\{ without its \}/],
    [
      'target: http://127.0.0.1:1\nsse: { path: /e, cors: { credentials: true } }',
      /^2:39: "credentials" needs the "origin" that may read with them/,
    ],
    [
      'target: http://127.0.0.1:1\nrestart: { command: x, request: { path: /r } }',
      /^2:21: a restart is a "request" or a "command", not both/,
    ],
    ['target: http://127.0.0.1:1\nrestart: { command: " " }', /^2:21: "restart.command" is empty/],
    [
      'target: http://127.0.0.1:1\nrestart: { keeps: true }\nsse: { path: /e }',
      /^2:1: "restart" needs a "request", a "command", or a server that --start starts/,
    ],
    [
      'target: http://127.0.0.1:1\nlong-polling: { path: /w, timeout: { status: 200, repeats: true } }',
      /^2:60: "repeats" needs "cursor"/,
    ],
    [
      'target: http://127.0.0.1:1\nlong-polling: { path: /w, timeout: { set: { query: wait, unit: s, as: "${tim}s" } } }',
      /unknown name \$\{tim\} \(did you mean "time"\?\)/,
    ],
    [
      'target: http://127.0.0.1:1\nlong-polling: { path: /w, cursor: { from: { json: /n }, send: { query: n }, first: "${index}" } }',
      /unknown name \$\{index\}/,
    ],
    [
      'target: http://127.0.0.1:1\npublish: { setup: [{ request: { path: / }, capture: { data: { json: /t } } }], request: { path: /p } }',
      /a capture cannot be called "data"/,
    ],
  ])('is refused at the right place: %j', async (yaml, problem) => {
    expect(await problemsOf(yaml)).toEqual([expect.stringMatching(problem)])
  })

  test('may set the time-out of a long poll', async () => {
    const target = await described(
      'target: http://127.0.0.1:1\nlong-polling: { path: /w, timeout: { status: 204, after: 25s, set: { query: wait, unit: s } } }',
    )
    expect(endingOf(target.description)?.set).toEqual({ query: 'wait', unit: 's' })
  })
})
