import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { createReferenceServer } from '../../reference-server/index.ts'
import { packageRoot } from '../../runner/package/paths.ts'
import { Console } from './console.ts'

// A new process starts slowly on a busy machine.
jest.setTimeout(60_000)

const folder = await mkdtemp(join(tmpdir(), 'pushspec-bad-input-'))
const ending: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ending) await end()
  await rm(folder, { recursive: true, force: true })
})

interface Ended {
  /** Null if the process did not end by itself and was killed. */
  readonly code: number | null
  readonly output: string
}

async function inThisProcess(...args: string[]): Promise<Ended> {
  const console = new Console({ cwd: folder })
  const code = await console.run(...args)
  return { code, output: console.stdout.text + console.stderr.text }
}

/** Runs the command in a new process, as users do. */
function inNewProcess(...args: string[]): Promise<Ended> {
  const bin = join(packageRoot, 'bin', 'pushspec.js')
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...args],
      { cwd: folder, timeout: 50_000, killSignal: 'SIGKILL' },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, output: stdout + stderr }),
    )
  })
}

async function written(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text)
  return name
}

/** A port that handles its connections like this. */
async function portThat(treats: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).resume()
    treats(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ending.push(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  return address.port
}

/** Writes until the connection is closed. */
function flood(socket: Socket): void {
  const chunk = Buffer.alloc(65_536, 'x')
  const pour = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', pour)
  pour()
}

const stackTrace = /\n\s+at .+:\d+/
const quick = ['--slow', '0.2', '--timeout', '20s', '--only', 'websocket/closing']

describe('invalid input ends with exit code 2 and a message with its place', () => {
  test.each([
    ['a file that is not there', undefined, /there is no such file/],
    ['broken YAML', 'target: [http://127.0.0.1', /bad\.yaml:\d+:\d+: /],
    ['an unknown key', 'target: http://127.0.0.1:1\nsee: { path: /e }', /bad\.yaml:2:1: unknown key "see"/],
    [
      'a wrong type',
      'target: http://127.0.0.1:1\nsse: { path: /e, resume: maybe }',
      /bad\.yaml:2:\d+: .*resume/,
    ],
    ['no URL', 'target: nowhere\nsse: { path: /e }', /bad\.yaml:1:\d+: /],
  ])('%s', async (_what, text, message) => {
    const file = text === undefined ? 'missing.yaml' : await written('bad.yaml', text)
    const { code, output } = await inThisProcess('run', file)
    expect(output).toMatch(message)
    expect(output).not.toMatch(stackTrace)
    expect(code).toBe(2)
  })

  test.each([
    ['an unknown option', ['run', '--onyl', 'http'], /onyl/],
    ['a selection without cases', ['run', '--only', 'websocket/clozing'], /did you mean "websocket\/closing/],
    ['an unknown reporter', ['run', '--reporter', 'jsno'], /jsno/],
  ])('%s', async (_what, args, message) => {
    const { code, output } = await inThisProcess(...args)
    expect(output).toMatch(message)
    expect(output).not.toMatch(stackTrace)
    expect(code).toBe(2)
  })
})

describe('a target that cannot be judged ends with exit code 3', () => {
  test.concurrent('connections are refused', async () => {
    const { code, output } = await inNewProcess('run', 'ws://127.0.0.1:1/', ...quick)
    expect(output).toMatch(/cannot reach ws:\/\/127\.0\.0\.1:1\/: connection refused/)
    expect(output).not.toMatch(stackTrace)
    expect(code).toBe(3)
  })

  test.concurrent('it resets every connection', async () => {
    const port = await portThat((socket) => void socket.resetAndDestroy())
    const { code, output } = await inNewProcess('run', `ws://127.0.0.1:${port}/`, ...quick)
    expect(output).toMatch(/cannot reach|could not judge/i)
    expect(output).not.toMatch(stackTrace)
    expect(code).toBe(3)
  })

  test.concurrent('the publish hook fails', async () => {
    const server = createReferenceServer()
    ending.push(() => server.close())
    const { origin } = await server.listen(0)
    const description = `target: ${origin}
publish: { command: 'echo no broker here >&2; exit 9' }
long-polling: { path: '/wait/\${channel}' }`
    const file = await written('hook.yaml', description)
    const { code, output } = await inNewProcess(
      'run',
      file,
      '--slow',
      '0.2',
      '--only',
      'long-polling/holding/released-on-update',
    )
    expect(output).toMatch(/could not judge long-polling\/holding\/released-on-update/)
    expect(output).toMatch(/no broker here/)
    expect(output).not.toMatch(stackTrace)
    expect(code).toBe(3)
  })
})

describe('a hostile target causes neither a crash nor a hang', () => {
  test.concurrent.each([
    ['never answers', () => undefined],
    ['answers with garbage', (socket: Socket) => void socket.end(Buffer.from([0, 255, 13, 10, 13, 10, 7]))],
    ['floods', flood],
  ])('one that %s', async (_what, treats) => {
    const port = await portThat(treats)
    const { code, output } = await inNewProcess('run', `ws://127.0.0.1:${port}/`, ...quick)
    expect([1, 3]).toContain(code)
    expect(output).toMatch(/exit code [13]:|cannot reach/)
    expect(output).not.toMatch(/ pass/)
    expect(output).not.toMatch(stackTrace)
  })
})
