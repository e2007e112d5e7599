import { afterEach, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { HookFailed } from '../../../runner/targets/errors/hook-failed.ts'
import { startServer } from '../../../runner/targets/process/start-server.ts'
import type { Target } from '../../../runner/targets/target.ts'
import { isAlive } from '../alive.ts'
import { atEnd, closeAll, closedPort, described, failureOf, file, httpServer } from '../servers.ts'

afterEach(closeAll)

/** A server that says its process ID, and is ready only at the third time it is asked. */
const serverText = `
import http from 'node:http'
let asked = 0
http.createServer((request, response) => {
  asked++
  if (request.url === '/die') process.exit(7)
  response.writeHead(request.url === '/ready' && asked < 3 ? 503 : 200).end(String(asked))
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('pid ' + process.pid + ' ' + (process.env.GREETING ?? '')))
if (process.argv[3] === 'stubborn') process.on('SIGTERM', () => console.log('no'))
`

async function serverAt(port: number, more = ''): Promise<{ command: string; target: Target }> {
  const script = await file(serverText, 'server.mjs')
  const target = await described(`target: http://127.0.0.1:${port}\nsse: { path: /e }`)
  return { command: `${process.execPath} ${script} ${port} ${more}`, target }
}

/** Collects output and gives the process ID that the server printed. */
function listener(): { onOutput: (text: string) => void; text: () => string; pid: () => Promise<number> } {
  let text = ''
  let notify: (() => void) | undefined
  const pid = async (): Promise<number> => {
    for (;;) {
      const [, found] = /pid (\d+) /.exec(text) ?? []
      if (found !== undefined) return Number(found)
      await new Promise<void>((resolve) => (notify = resolve))
    }
  }
  const onOutput = (chunk: string): void => {
    text += chunk
    notify?.()
  }
  return { onOutput, text: () => text, pid }
}

const moduleAt = (name: string): string =>
  pathToFileURL(join(import.meta.dirname, '../../../runner/targets', name)).href

describe('a started server', () => {
  test('is there when its port answers, and gone with its children when it is stopped', async () => {
    const { command, target } = await serverAt(await closedPort())
    const output = listener()
    // The shell stays: the server is its child.
    const server = await startServer({ command: `${command} & wait` }, target, output)
    atEnd(() => server.stop())
    expect((await fetch(target.base)).status).toBe(200)
    const pid = await output.pid()
    expect(pid).not.toBe(server.pid)
    expect(isAlive(pid)).toBe(true)
    await server.stop()
    expect([isAlive(pid), isAlive(server.pid)]).toEqual([false, false])
    await expect(server.stop()).resolves.toBeUndefined()
  })

  test('is ready only when the path responds with 2xx', async () => {
    const { command, target } = await serverAt(await closedPort())
    const server = await startServer({ command, ready: '/ready' }, target)
    atEnd(() => server.stop())
    // Two refusals and one consent came before.
    expect(Number(await (await fetch(target.base)).text())).toBeGreaterThanOrEqual(4)
  })

  test('gets its environment', async () => {
    const { command, target } = await serverAt(await closedPort())
    const output = listener()
    const server = await startServer({ command, env: { GREETING: 'hello' } }, target, output)
    atEnd(() => server.stop())
    await output.pid()
    expect(output.text()).toContain('hello')
  })

  test('that does not listen to SIGTERM is ended all the same', async () => {
    const { command, target } = await serverAt(await closedPort(), 'stubborn')
    const output = listener()
    const server = await startServer({ command }, target, output)
    const pid = await output.pid()
    await server.stop()
    expect(output.text()).toContain('no')
    expect(isAlive(pid)).toBe(false)
  })

  test('that ends by itself leaves how, and its last words', async () => {
    const { command, target } = await serverAt(await closedPort())
    const server = await startServer({ command }, target)
    atEnd(() => server.stop())
    expect(server.fate).toBeUndefined()
    await expect(fetch(new URL('/die', target.base))).rejects.toThrow()
    // What it wrote may come after its end.
    while (!server.fate?.includes('pid')) await setImmediate()
    expect(server.fate).toMatch(/^ended with exit code 7:\n {2}pid \d+/)
    await server.stop()
  })

  test('that is stopped has met no fate', async () => {
    const { command, target } = await serverAt(await closedPort())
    const server = await startServer({ command }, target)
    await server.stop()
    expect(server.fate).toBeUndefined()
  })

  test('that ends before it is ready is an error that shows its last words', async () => {
    const target = await described(`target: http://127.0.0.1:${await closedPort()}\nsse: { path: /e }`)
    const error = await failureOf(
      startServer({ command: 'echo starting; echo no such module >&2; exit 7' }, target),
    )
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(/^start: the command ended with exit code 7 before the server was ready:\n/)
    expect(error.message).toContain('starting')
    expect(error.message).toContain('no such module')
  })

  test('that cannot be run is an error', async () => {
    const target = await described(`target: http://127.0.0.1:${await closedPort()}\nsse: { path: /e }`)
    const error = await failureOf(startServer({ command: 'true', cwd: '/no/such/folder' }, target))
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(/cannot be run/)
  })

  test('that is never ready is an error that says why, and is ended', async () => {
    const { command, target } = await serverAt(await closedPort())
    const output = listener()
    const start = { command, ready: 'http://127.0.0.1:1/never', within: '2s' }
    const error = await failureOf(startServer(start, target, output))
    expect(error).toBeInstanceOf(HookFailed)
    expect(error.message).toMatch(
      /not ready within 2s \(http:\/\/127\.0\.0\.1:1\/never: connection refused\)/,
    )
    expect(isAlive(await output.pid())).toBe(false)
  })

  test('is not waited for any longer when the run is interrupted', async () => {
    const interruption = new AbortController()
    const target = await described(`target: http://127.0.0.1:${await closedPort()}\nsse: { path: /e }`)
    const onOutput = (): void => interruption.abort(new Error('interrupted'))
    const error = await failureOf(
      startServer({ command: 'echo here; sleep 600' }, target, { onOutput, signal: interruption.signal }),
    )
    expect(error.message).toBe('interrupted')
  })

  test('is not started where another one listens already', async () => {
    const other = await httpServer((_asked, response) => response.end())
    const { target } = await serverAt(other.port)
    const error = await failureOf(startServer({ command: 'exit 0' }, target))
    expect(error.message).toMatch(/something listens on 127\.0\.0\.1:\d+ already/)
  })

  test('ends when the process that started it exits', async () => {
    const { command, target } = await serverAt(await closedPort())
    const runner = await file(
      `import { startServer } from ${JSON.stringify(moduleAt('process/start-server.js'))}
       import { loadTarget } from ${JSON.stringify(moduleAt('load.js'))}
       const target = await loadTarget(${JSON.stringify(target.base.href)})
       let text = ''
       await startServer({ command: ${JSON.stringify(command)} }, target, { onOutput: (chunk) => {
         text += chunk
         if (/pid \\d+ /.test(text)) { process.stdout.write(text); process.exitCode = 5; setImmediate(() => process.exit()) }
       } })`,
      'runner.mjs',
    )
    const child = spawn(process.execPath, [runner], { stdio: ['ignore', 'pipe', 'inherit'] })
    const output = listener()
    child.stdout.setEncoding('utf8').on('data', output.onOutput)
    expect(await once(child, 'close')).toEqual([5, null])
    const pid = await output.pid()
    await gone(pid)
    expect(isAlive(pid)).toBe(false)
  })
})

/** A signal takes effect a little after it was sent; there is no event for the end of someone else's child. */
async function gone(pid: number): Promise<void> {
  const until = performance.now() + 10_000
  while (isAlive(pid) && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
}
