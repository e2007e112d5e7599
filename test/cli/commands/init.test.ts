import { readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { WebSocketServer } from 'ws'
import { parse } from 'yaml'

import { isInteractive } from '../../../runner/cli/init/questions.ts'
import { loadTarget } from '../../../runner/index.ts'
import { closeAll, closedPort, file, folder, listening } from '../../targets/servers.ts'
import { Console } from '../console.ts'

afterEach(closeAll)

/** Number of requests and handshakes that the server received, by path. */
type Asked = Map<string, number>

const answers: Record<string, (response: http.ServerResponse, request: http.IncomingMessage) => unknown> = {
  '/events': (response, { headers }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'access-control-allow-origin': '*' })
    const first = Number(headers['last-event-id'] ?? 0)
    response.write(': hello\n\nretry: 2000\n\n')
    for (let id = first + 1; id < first + 4; id++) response.write(`id: ${id}\ndata: ${id}\n\n`)
    const timer = setInterval(() => response.write(': still here\n\n'), 50)
    response.on('close', () => clearInterval(timer))
  },
  '/quiet': (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
  '/state': (response, { headers }) =>
    headers['if-none-match'] === '"1"'
      ? response.writeHead(304).end()
      : response
          .writeHead(200, { etag: '"1"', 'content-type': 'application/json' })
          .end('{"next":7,"items":[]}'),
}

/** A server as in a tutorial, and its requests. */
async function tutorialServer(): Promise<{ host: string; asked: Asked }> {
  const asked: Asked = new Map()
  const count = ({ url = '' }: http.IncomingMessage): void => void asked.set(url, (asked.get(url) ?? 0) + 1)
  const server = http.createServer((request, response) => {
    count(request)
    const answer = answers[request.url ?? '']
    if (answer === undefined) response.writeHead(404).end()
    else answer(response, request)
  })
  const handleProtocols = (offered: Set<string>): string | false => offered.has('mqtt') && 'mqtt'
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true, handleProtocols })
  server.on('upgrade', (request, socket, head) => {
    count(request)
    if (request.url !== '/echo') return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (one) =>
      one.on('error', () => undefined).on('message', (data, binary) => one.send(data, { binary })),
    )
  })
  return { host: `127.0.0.1:${await listening(server)}`, asked }
}

const quick = ['--listen', '400ms']
const read = (console: Console, name = 'pushspec.yaml'): string =>
  readFileSync(join(console.cwd, name), 'utf8')

async function init(urls: readonly string[], console?: Console): Promise<string> {
  const there = console ?? new Console({ cwd: await folder() })
  expect([await there.run('init', ...urls, ...quick), there.stderr.text]).toEqual([
    0,
    expect.stringContaining('wrote'),
  ])
  return read(there)
}

describe('what init writes', () => {
  test('has the observed keys, each once, and can be loaded unchanged', async () => {
    const { host, asked } = await tutorialServer()
    const text = await init([
      `http://${host}/events`,
      `ws://${host}/echo`,
      `http://${host}/state`,
      `http://${host}/quiet`,
    ])
    expect(text).toMatch(/^# yaml-language-server: \$schema=\S+target\.schema\.json\n/)
    expect(parse(text)).toEqual({
      target: `http://${host}`,
      sse: {
        path: '/events',
        resume: true,
        retry: true,
        keepAlive: expect.stringMatching(/^\d+s$/),
        emits: true,
        cors: {},
      },
      websocket: { path: '/echo', echo: true, deflate: true, subprotocols: ['mqtt'] },
      polling: {
        path: '/state',
        validators: true,
        empty: { status: 304 },
        cursor: { from: { json: '/next' }, send: { query: 'since' } },
        delivers: 'many',
      },
    })
    expect(text).toMatch(
      /# A description has only one "sse"; this one is a comment:\n# sse: \{ path: \/quiet \}/,
    )
    await expect(loadTarget(await file(text))).resolves.toBeDefined()
    for (const count of asked.values()) expect(count).toBeLessThanOrEqual(8)
  })

  test('has unknown keys as comments, which can be uncommented one by one', async () => {
    const { host } = await tutorialServer()
    const console = new Console({ cwd: await folder() })
    const text = await init([`http://${host}/quiet`], console)
    expect(console.stdout.text).toBe('')
    expect(parse(text)).toEqual({ target: `http://${host}`, sse: { path: '/quiet' } })
    expect(text).toMatch(/# it sent no byte within 0\.4 s: .* holds them back \(nginx: "proxy_buffering off"/)
    expect(text).toMatch(
      /^ {2}# resume: true # Replays the events after the one with Last-Event-ID; enables \d+ cases$/m,
    )
    expect(text).toMatch(/^# publish: \{ request: .* # enables \d+ cases$/m)
    const lines = text.split('\n')
    const optional = lines.flatMap((line, index) => (/^ *# [\w-]+: .*# /.test(line) ? [index] : []))
    expect(optional.length).toBeGreaterThan(8)
    for (const index of optional) {
      const taken = lines.with(index, (lines[index] ?? '').replace('# ', '')).join('\n')
      await expect(loadTarget(await file(taken))).resolves.toBeDefined()
    }
  })

  test('overwrites an existing file only with --force', async () => {
    const console = new Console({ cwd: await folder() })
    writeFileSync(join(console.cwd, 'pushspec.yaml'), 'mine')
    const { host, asked } = await tutorialServer()
    expect(await console.run('init', `http://${host}/quiet`)).toBe(2)
    expect(console.stderr.text).toMatch(/pushspec\.yaml exists already: --force/)
    expect([read(console), asked.size]).toEqual(['mine', 0])
    const flags = ['--force', '-H', 'authorization: Bearer s3cret', ...quick]
    expect(await console.run('init', `http://${host}/quiet`, ...flags)).toBe(0)
    expect(read(console)).toMatch(/^# headers: \{ authorization: .*env\.NAME.*(\n.*)*path: \/quiet/m)
    expect(read(console)).not.toContain('s3cret')
  })

  test('is not written for an unreachable server', async () => {
    const console = new Console({ cwd: await folder() })
    expect(await console.run('init', `http://127.0.0.1:${await closedPort()}/`)).toBe(3)
    expect(console.stderr.text).toMatch(/connection refused/)
    expect(() => read(console)).toThrow(/ENOENT/)
  })
})

describe('on a terminal', () => {
  const terminal = async (): Promise<Console> => new Console({ cwd: await folder(), isTTY: true })

  /** Types the answer to each question after it was printed. */
  async function answer(console: Console, dialogue: readonly (readonly [RegExp, string])[]): Promise<void> {
    for (const [question, line] of dialogue) {
      await console.stdout.match(question)
      console.stdin.write(`${line}\n`)
    }
  }

  test('it asks for the path if there is no endpoint, and for the publish request', async () => {
    const { host } = await tutorialServer()
    const console = await terminal()
    const answered = answer(console, [
      [/responds with 404 Not Found at once.*\n.*What is the path/, '/quiet'],
      [/404 Not Found\. There is nothing at \/ech.*\n.*What is the path/, 'http://elsewhere.invalid/'],
      [/(nothing at \/ech[^]*)(What is the path[^]*){2}/, '/echo'],
      [/Which request publishes/, 'what?'],
      [/(Which request publishes[^]*){2}/, 'put /messages'],
      [/its body\?/, '{"text":${data:json}}'],
    ])
    const text = await init([`http://${host}/`, `ws://${host}/ech`], console)
    await answered
    expect(parse(text)).toEqual({
      target: `http://${host}`,
      publish: {
        request: {
          method: 'PUT',
          path: '/messages',
          body: '{"text":${data:json}}',
          headers: { 'content-type': 'application/json' },
        },
      },
      sse: { path: '/quiet' },
      websocket: { path: '/echo', echo: true, deflate: true, subprotocols: ['mqtt'] },
    })
  })

  test('the end of the input is no answer', async () => {
    const { host } = await tutorialServer()
    const console = await terminal()
    console.stdin.end()
    expect(await init([`http://${host}/quiet`], console)).toMatch(/^# publish: /m)
  })

  test('an interruption during a question ends it, and nothing is written', async () => {
    const { host } = await tutorialServer()
    const console = await terminal()
    const ended = console.run('init', `http://${host}/quiet`, ...quick)
    await console.stdout.match(/Which request publishes/)
    console.signals.emit('SIGINT')
    expect(await ended).toBe(130)
    expect(() => read(console)).toThrow(/ENOENT/)
  })

  test.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
    [false, false, false],
  ])('stdin %s, stdout %s: it may ask %s', (stdin, stdout, asks) => {
    const console = new Console({ isTTY: stdout })
    Object.assign(console.stdin, { isTTY: stdin })
    expect(isInteractive(console)).toBe(asks)
  })
})
