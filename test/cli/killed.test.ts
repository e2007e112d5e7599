import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { packageRoot } from '../../runner/package/paths.ts'
import { ReportSchema } from '../../runner/report/schema.ts'
import { parsed } from '../report/parsed.ts'
import { Console } from './console.ts'
import { OwnChapters } from './own-chapters.ts'

const own = new OwnChapters()
const chosen = ['--specs', 'chapters', '--only', 'http/own/answers']

/** Responds to GET, but never to HEAD. */
const server = http.createServer((request, response) => {
  if (request.method === 'GET') response.end('here\n')
})

async function until(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<void> {
  let text = ''
  for await (const chunk of stream) {
    text += String(chunk)
    if (pattern.test(text)) return
  }
  throw new Error(`the run ended by itself: ${text}`)
}

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  writeFileSync(join(own.folder, 'target.yaml'), `target: http://127.0.0.1:${port}\nhttp: { path: / }\n`)
  const argv = [...chosen, '--slow', '100', '--reporter', 'json=cut.json', '--reporter', 'tap']
  const run = spawn(process.execPath, [join(packageRoot, 'bin/pushspec.js'), 'run', 'target.yaml', ...argv], {
    cwd: own.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(run, 'exit')
  try {
    await until(run.stdout, /^(not )?ok 1 .*\n/m)
  } finally {
    run.kill('SIGKILL')
    await ended
  }
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  own.remove()
})

describe('the report of a killed run', () => {
  test('is truncated', () => {
    expect(() => JSON.parse(readFileSync(join(own.folder, 'cut.json'), 'utf8'))).toThrow(SyntaxError)
  })

  test('can be read by explain', async () => {
    const console = new Console({ cwd: own.folder })
    const argv = ['explain', 'http/own/', '--specs', 'chapters', '--report', 'cut.json']
    expect([await console.run(...argv), console.stderr.text]).toEqual([0, ''])
    expect(console.stdout.text).toMatch(/On your server\n +pass \[method=GET\]\n(.*\n)*.*HTTP\/1\.1 200/)
    expect(console.stdout.text).not.toContain('[method=HEAD]')
  })

  test('can be merged with any reporter, is not a success and says how much is missing', async () => {
    const console = new Console({ cwd: own.folder })
    const argv = ['--reporter', 'json=whole.json', '--reporter', 'junit=report.xml']
    expect([await console.run('merge', 'cut.json', ...argv), console.stderr.text]).toEqual([3, ''])
    expect(console.stdout.text).toContain('1 pass (1 of 2 played)')
    expect(readFileSync(join(own.folder, 'report.xml'), 'utf8')).toContain('http/own/answers [method=GET]')
    const whole = parsed(ReportSchema, readFileSync(join(own.folder, 'whole.json'), 'utf8'))
    expect(whole).toMatchObject({ interrupted: true, total: 2, summary: { pass: 1 } })
    expect(whole.requirements['http-length-correct']?.text).toMatch(/\w/)
  })
})
