import { afterEach, describe, expect, test } from '@jest/globals'
import { NoEndpoint } from '../../runner/targets/target.ts'
import { needs } from '../../runner/targets/description/needs.ts'
import { HookFailed } from '../../runner/targets/errors/hook-failed.ts'
import { closeAll, described } from './servers.ts'

afterEach(closeAll)

const everything = `
target: https://127.0.0.1:1
publish: { request: { method: POST, path: "/p/\${channel}?\${type}&\${id}" } }
http: { path: /, validators: true, dates: true, codings: [gzip] }
cors: { origin: "https://app.example", credentials: true, exposes: [ETag], accepts: [If-None-Match] }
restart: { command: restart, keeps: true }
polling:
  path: "/poll/\${channel}"
  cursor: { from: { json: /next }, send: { query: since } }
  delivers: many
  initial: oldest
  validators: true
  dates: true
  codings: [gzip]
  freshness: true
  independent: true
  odd:
    malformed: { send: none, gets: 400 }
    future: { send: "9", gets: empty }
    unknown: { gets: all }
long-polling:
  path: /wait
  timeout: { status: 204, after: 1s, set: { query: wait, unit: s }, cursor: true, bad: true, zero: true }
  cursor: \${cursor}
  initial: newest
  ordered: true
  unusable: { malformed: { send: x, then: 400 }, future: { send: "9", then: 400 } }
  second: held
  refused: { path: /no }
  waiters: { request: { path: "/waiters/\${channel}" }, count: { json: /held } }
  emptyUpdates: true
  head: true
sse:
  path: /e
  resume: true
  keepAlive: 1s
  emits: true
  retry: true
  waiters: { request: { path: "/w/\${channel}" }, count: { json: /streams } }
  idQuery: id
  unknownId: new
  streams: 10
  refused: { path: /no }
  cors: { origin: 'https://app.example', credentials: true, accepts: [Last-Event-ID] }
  end: { path: /end }
  finish: { path: /finish }
websocket:
  path: /ws
  echo: true
  updates: true
  deflate: { serverWindow: true, clientWindow: true, clientContext: true, serverNoContext: true }
  subprotocols: [a]
  cursor: \${cursor}
  origins: same
  onlyKnownPaths: true
  idle: 10m
  maxMessage: 33554432
sharedCursor: true
retains: 1000
`

describe('an ability', () => {
  test('is declared by the description that has everything', async () => {
    const target = await described(
      everything.replaceAll('${cursor}', '{ from: { json: /next }, send: { query: since } }'),
    )
    // A server that speaks by itself is not quiet.
    const possible = needs.filter((need) => need !== 'sse.quiet')
    expect(possible.filter((need) => target.ability(need).how !== 'declared')).toEqual([])
  })

  test('is missing from a description that has nothing, and the line that is shown gives it', async () => {
    const bare = 'target: http://127.0.0.1:1\nwebsocket: { path: /other }'
    const target = await described(bare)
    const missing = needs.filter((need) => !target.ability(need).has)
    expect(missing).toEqual(needs.filter((need) => need !== 'websocket'))
    for (const need of missing) {
      const line = target.ability(need).enable
      const key = line.split(':')[0] ?? ''
      const kept = bare.split('\n').filter((one) => !one.startsWith(`${key}:`))
      const enabled = await described([...kept, line].join('\n'))
      expect([need, enabled.ability(need).how]).toEqual([need, 'declared'])
    }
  })

  test('keeps the path of an endpoint in the line that it shows', async () => {
    const target = await described(
      'target: http://127.0.0.1:1\nsse: { path: "/e/${channel}" }\nwebsocket: { path: /ws }',
    )
    expect(target.ability('websocket.echo').enable).toBe('websocket: { path: /ws, echo: true }')
    expect(target.ability('sse.resume').enable).toBe('sse: { path: "/e/${channel}", resume: true }')
    expect(target.ability('polling').enable).toBe('polling: { path: "/poll/${channel}" }')
  })

  test('can be found, but not against what the description says', async () => {
    const target = await described('target: http://127.0.0.1:1\nwebsocket: { path: /ws, deflate: false }')
    target.found('websocket.echo', 'it came back')
    target.found('websocket.deflate', 'it agreed')
    expect(target.ability('websocket.echo')).toMatchObject({ has: true, how: 'found', note: 'it came back' })
    expect(target.ability('websocket.deflate')).toMatchObject({ has: false, how: 'missing' })
  })

  test('that nothing can have is a defect of the kit', async () => {
    const target = await described('target: http://127.0.0.1:1')
    expect(() => target.ability('sse.telepathy')).toThrow(RangeError)
    expect(() => target.ability('constructor')).toThrow(RangeError)
  })

  test('of a state document is not that of a queue', async () => {
    const target = await described('target: http://127.0.0.1:1\npolling: { path: /s, delivers: last }')
    expect(target.ability('polling.queue').has).toBe(false)
  })
})

describe('an address', () => {
  test('has the fields of all requests, and those of the endpoint instead of them', async () => {
    const target = await described(`
target: http://127.0.0.1:1
headers: { X-One: all, X-Two: "for \${channel}" }
polling: { path: /p, method: POST, headers: { x-one: own }, body: "{\\"c\\":\${channel:json}}" }
`)
    const { method, headers, body } = target.address('polling', { channel: 'a"b' })
    expect(method).toBe('POST')
    expect(headers).toEqual([
      ['X-Two', 'for a"b'],
      ['x-one', 'own'],
    ])
    expect(body).toBe('{"c":"a\\"b"}')
  })

  test('of plain HTTP is that of the endpoint that answers soonest', async () => {
    const three =
      'target: http://127.0.0.1:1\nsse: { path: /e }\nlong-polling: { path: /w }\npolling: { path: /p }'
    expect((await described(three)).address('http', {}).url.pathname).toBe('/p')
    const held = await described('target: http://127.0.0.1:1\nsse: { path: /e }\nlong-polling: { path: /w }')
    expect(held.ability('http').has).toBe(false)
    expect((await described(`${three}\nhttp: { path: /h }`)).address('http', {}).url.pathname).toBe('/h')
  })

  test('of an endpoint that is not there fails with the line that would give it', async () => {
    const target = await described('target: http://127.0.0.1:1\nwebsocket: { path: /ws }')
    expect(() => target.address('sse', {})).toThrow(NoEndpoint)
    expect(() => target.address('updates', {})).toThrow(/websocket: \{ path: \/ws, updates: true \}/)
  })

  test('fails when a session did not give what it holds', async () => {
    const target = await described(`
target: http://127.0.0.1:1
sse: { path: "/e?sid=\${sid}", setup: [{ request: { path: /s }, capture: { sid: { json: /sid } } }] }
`)
    expect(() => target.address('sse', {})).toThrow(HookFailed)
    expect(target.address('sse', { sid: 'x' }).url.search).toBe('?sid=x')
  })

  test('is shared unless something of an instance is in it', async () => {
    const target = await described(`
target: http://127.0.0.1:1
polling: { path: /p }
sse: { path: "/e/\${channel:url}" }
long-polling: { path: /w, setup: [{ request: { path: "/sub/\${channel}" } }] }
websocket: { path: /ws, updates: "/feed/\${channel}" }
`)
    const kinds = ['polling', 'sse', 'long-polling', 'websocket', 'updates'] as const
    expect(kinds.filter((kind) => target.isShared(kind))).toEqual(['polling', 'websocket'])
  })
})
