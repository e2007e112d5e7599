import { afterEach, describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publish } from '../../../runner/targets/hooks/publish.ts'
import { HookFailed } from '../../../runner/targets/errors/hook-failed.ts'
import {
  closeAll,
  closedPort,
  described,
  failureOf,
  folder,
  httpServer,
  never,
  textOf,
  webSocketServer,
} from '../servers.ts'

afterEach(closeAll)

const update = { channel: 'c/1', data: 'a "b"\nü', nonce: 'n1' }

describe('a request', () => {
  test('carries the update as the description says', async () => {
    const server = await httpServer((_asked, response) => response.writeHead(201).end())
    const target = await described(`
target: ${server.origin}
headers: { X-All: yes-all }
publish:
  request: { method: PUT, path: "/p/\${channel}?n=\${nonce}", headers: { X-Id: "<\${id}>" }, body: "{\\"d\\":\${data:json},\\"t\\":\\"\${type}\\"}" }
  also: [{ method: POST, path: /also, body: "\${data}" }]
`)
    const receipt = await publish(target, { ...update, type: 'news' }, never())
    expect(receipt).toMatchObject({ how: 'request', status: 201 })
    expect(receipt.doneAt).toBeGreaterThanOrEqual(receipt.begunAt)
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PUT /p/c%2F1?n=n1',
      'POST /also',
    ])
    expect(server.asked[0]?.headers).toMatchObject({ 'x-all': 'yes-all', 'x-id': '<>' })
    expect(server.asked.map(({ body }) => body)).toEqual(['{"d":"a \\"b\\"\\nü","t":"news"}', update.data])
  })

  test('that is refused fails the hook, with what the server said', async () => {
    const server = await httpServer((_asked, response) =>
      response.writeHead(403).end(`no entry${'!'.repeat(1000)}`),
    )
    const target = await described(`target: ${server.origin}\npublish: { request: { path: /p } }`)
    const error = await failureOf(publish(target, update, never()))
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(
      /^publish: GET http:\S+\/p: wanted a 2xx status, got 403 Forbidden "no entry!+…"\. Does it require a header field/,
    )
    expect(error.message.length).toBeLessThan(500)
  })

  test('is not led elsewhere by a redirection', async () => {
    const server = await httpServer((_asked, response) =>
      response.writeHead(302, { location: '/other' }).end(),
    )
    const target = await described(`target: ${server.origin}\npublish: { request: { path: /p } }`)
    expect((await failureOf(publish(target, update, never()))).message).toMatch(/got 302/)
    expect(server.asked).toHaveLength(1)
  })

  test('to a port where nothing listens fails the hook', async () => {
    const target = await described(
      `target: http://127.0.0.1:${await closedPort()}\npublish: { request: { path: /p } }`,
    )
    const error = await failureOf(publish(target, update, never()))
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(/connection refused/)
  })

  test('that is never answered fails the hook when its time is over', async () => {
    const over = new AbortController()
    const server = await httpServer(() => over.abort(new DOMException('late', 'TimeoutError')))
    const target = await described(`target: ${server.origin}\npublish: { request: { path: /p } }`)
    const error = await failureOf(publish(target, update, over.signal))
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(/no response in time/)
  })

  test('never has a line end of an update in its header', async () => {
    const server = await httpServer((_asked, response) => response.end())
    const target = await described(
      `target: ${server.origin}\npublish: { request: { path: /p, headers: { x-data: "\${data}" } } }`,
    )
    const error = await failureOf(publish(target, { ...update, data: 'a\r\nx-injected: 1' }, never()))
    expect(error).toBeInstanceOf(HookFailed)
    expect(server.asked).toEqual([])
  })

  test('leaves its connection to later ones', async () => {
    const ports = new Set<number | undefined>()
    const server = await httpServer((_asked, response) => {
      ports.add(response.req.socket.remotePort)
      response.end('ok')
    })
    const target = await described(`target: ${server.origin}\npublish: { request: { path: /p } }`)
    for (let count = 0; count < 5; count++) await publish(target, update, never())
    expect(server.asked).toHaveLength(5)
    expect(ports.size).toBeLessThan(5)
  })

  test('is not there without a hook', async () => {
    const target = await described('target: http://127.0.0.1:1')
    expect((await failureOf(publish(target, update, never()))).message).toMatch(
      /publish: \{ request: .* is missing/,
    )
  })
})

describe('a command', () => {
  const write =
    'require("fs").writeFileSync(process.argv[1], process.argv.slice(2).join("|") + "|" + process.env.PUSHSPEC_CHANNEL + "|" + process.env.PUSHSPEC_DATA)'

  test('given as a list gets its arguments as they are', async () => {
    const out = join(await folder(), 'out')
    const command = [process.execPath, '-e', write, out, '${channel}', '${data:json}']
    const target = await described(
      `target: http://127.0.0.1:1\npublish: { command: ${JSON.stringify(command)} }`,
    )
    expect(await publish(target, update, never())).toMatchObject({ how: 'command', status: undefined })
    expect(await readFile(out, 'utf8')).toBe(`c/1|"a \\"b\\"\\nü"|c/1|${update.data}`)
  })

  test('given as a text is run by the shell, which takes no value for a command', async () => {
    const out = join(await folder(), 'out')
    const command = `printf '%s|%s|%s' "\${data}" "\${data:base64}" "$\${HOME}\${PUSHSPEC_NONCE}" > ${out}`
    const target = await described(
      `target: http://127.0.0.1:1\npublish: { command: ${JSON.stringify(command)} }`,
    )
    const data = `"; echo gone > ${out}; $(exit 1) \`exit 1\` '`
    await publish(target, { ...update, data }, never())
    expect(await readFile(out, 'utf8')).toBe(
      `${data}|${Buffer.from(data).toString('base64')}|${process.env['HOME'] ?? ''}n1`,
    )
  })

  test('that fails fails the hook, with the last of what it said', async () => {
    const target = await described(
      'target: http://127.0.0.1:1\npublish: { command: "echo first >&2; echo it broke >&2; exit 3" }',
    )
    const error = await failureOf(publish(target, update, never()))
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(/ended with exit code 3:\n {2}first\n {2}it broke$/)
  })

  test('that is not there fails the hook', async () => {
    const target = await described('target: http://127.0.0.1:1\npublish: { command: [/no/such/program] }')
    expect((await failureOf(publish(target, update, never()))).message).toMatch(/cannot be run: .*ENOENT/)
  })

  test('cannot be given a NUL, which fails the hook', async () => {
    const target = await described('target: http://127.0.0.1:1\npublish: { command: [echo, "${data}"] }')
    expect(await failureOf(publish(target, { ...update, data: 'a\0b' }, never()))).toBeInstanceOf(HookFailed)
  })

  test('that does not end is ended when its time is over', async () => {
    const target = await described('target: http://127.0.0.1:1\npublish: { command: "sleep 600" }')
    const error = await failureOf(publish(target, update, AbortSignal.timeout(200)))
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(/did not end in time/)
  })

  test('may leave something behind that goes on', async () => {
    const target = await described('target: http://127.0.0.1:1\npublish: { command: "sleep 2 & exit 0" }')
    expect(await publish(target, update, AbortSignal.timeout(20_000))).toMatchObject({ how: 'command' })
  })
})

describe('a WebSocket message', () => {
  test('is sent as text and has arrived when the hook is done', async () => {
    const received: string[] = []
    const url = await webSocketServer((socket, request) =>
      socket.on('message', (data, isBinary) => received.push(`${request.url} ${isBinary} ${textOf(data)}`)),
    )
    const target = await described(
      `target: ${url}\npublish: { websocket: { path: "/in/\${channel}", message: "{\\"d\\":\${data:json}}" } }`,
    )
    expect(await publish(target, update, never())).toMatchObject({ how: 'websocket' })
    expect(received).toEqual([`/in/c%2F1 false {"d":${JSON.stringify(update.data)}}`])
  })

  test('that the server answers with an error code fails the hook', async () => {
    const url = await webSocketServer((socket) => socket.on('message', () => socket.close(1008, 'not you')))
    const target = await described(`target: ${url}\npublish: { websocket: { path: /, message: "\${data}" } }`)
    const error = await failureOf(publish(target, update, never()))
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(/the server closed with 1008/)
  })

  test('to a server that refuses the handshake fails the hook', async () => {
    const server = await httpServer((_asked, response) => response.writeHead(401).end())
    const target = await described(
      `target: ${server.origin}\npublish: { websocket: { path: /, message: "\${data}" } }`,
    )
    expect((await failureOf(publish(target, update, never()))).message).toMatch(/401/)
  })

  test('to a server that never answers fails the hook when its time is over', async () => {
    const over = new AbortController()
    const server = await httpServer(() => over.abort())
    const target = await described(
      `target: ${server.origin}\npublish: { websocket: { path: /, message: x } }`,
    )
    expect(await failureOf(publish(target, update, over.signal))).toBeInstanceOf(HookFailed)
  })
})
