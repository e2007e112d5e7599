import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, jest, test } from '@jest/globals'

import { packageRoot } from '../../runner/package/paths.ts'
import { Console } from '../cli/console.ts'
import { closeAll, atEnd } from '../targets/servers.ts'

// Processes of their own take a while to start where others are at work.
jest.setTimeout(60_000)
afterAll(closeAll)

const node = async (...args: string[]): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: packageRoot,
    timeout: 50_000,
  })
  return stdout + stderr
}

describe('the examples', () => {
  test('the library', async () => {
    expect(await node('examples/library.mjs')).toMatch(
      /\{ pass: [1-9]\d*, fail: 0, warn: 0, skip: 0, inconclusive: 0 \}/,
    )
  })

  test('node:test', async () => {
    const text = await node('--test', '--test-reporter=tap', 'examples/node-test/conformance.test.mjs')
    expect(text).toMatch(/^# pass [1-9]\d*\n# fail 0\n/m)
    expect(text).toContain('websocket/closing/close-is-answered')
  })

  test('jest', async () => {
    const folder = join(packageRoot, 'examples', 'jest')
    const bin = join(packageRoot, 'node_modules', 'jest', 'bin', 'jest.js')
    const settings = JSON.stringify({ rootDir: folder, testMatch: ['**/*.test.mjs'], transform: {} })
    expect(await node('--experimental-vm-modules', bin, '--config', settings)).toMatch(
      /Tests: +[1-9]\d* passed, /,
    )
  })
})

describe('the greeting protocol of docs/own-chapters.md', () => {
  const specs = join(packageRoot, 'examples', 'own-protocol', 'specs')

  async function server(...argv: readonly string[]): Promise<string> {
    const program = join(packageRoot, 'examples', 'own-protocol', 'server.mjs')
    const child = spawn(process.execPath, [program, '0', ...argv])
    atEnd(async () => {
      child.kill()
      await once(child, 'exit')
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    return `ws://127.0.0.1:${/\d+/.exec(line.toString())?.[0] ?? ''}/`
  }

  test('is kept by its server', async () => {
    const console = new Console()
    expect(await console.run('run', await server(), '--specs', specs, '--only', 'websocket/greeting')).toBe(0)
    expect(console.stdout.text).toContain('5 pass')
  })

  const proof = async (argv: readonly string[]): Promise<[number, string]> => {
    const console = new Console()
    const code = await console.run('prove', '--specs', specs, '--slow', '0.2', ...argv)
    return [code, console.stdout.text]
  }

  test('is proved by its faults and a server that breaks it, and no other chapter is played', async () => {
    const [code, text] = await proof(['--target', await server(), '--broken', await server('forgiving')])
    expect(text).toMatch(/^3 of 3 cases proved \(100 %\)/)
    expect(code).toBe(0)
  })

  test('is not proved by a second server that keeps it', async () => {
    const [code, text] = await proof(['--target', await server(), '--broken', await server()])
    expect(text).toMatch(/^websocket\/greeting\/hello-comes-first is not proved: /m)
    expect(text).toMatch(/^no case detects the fault ws:\/\//m)
    expect(code).toBe(1)
  })

  test('is not proved on the reference server, which does not keep it', async () => {
    const [code, text] = await proof([])
    expect(text.match(/ without a fault: /g)).toHaveLength(5)
    expect(code).toBe(1)
  })

  test('is broken by an echo, and the finding names our rules', async () => {
    const console = new Console()
    expect(await console.run('run', '--specs', specs, '--only', 'websocket/greeting')).toBe(1)
    expect(console.stdout.text).toMatch(/FAIL websocket\/greeting\/hello-comes-first/)
    expect(console.stdout.text).toContain('greeting-welcome (MUST, The greeting protocol section 1)')
  })
})
