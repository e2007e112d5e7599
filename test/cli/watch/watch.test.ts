import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from '@jest/globals'

import { UsageError } from '../../../runner/cli/errors.ts'
import { playOnEachChange } from '../../../runner/cli/watch/watch.ts'
import { isAlive } from '../../targets/alive.ts'
import { closedPort } from '../../targets/servers.ts'
import { Console } from '../console.ts'
import { OwnChapters } from '../own-chapters.ts'

const own = new OwnChapters()
afterAll(() => own.remove())

const at = (name: string): string => join(own.folder, name)

describe('playing again', () => {
  /** Watches one file; `play` receives the number of the run. */
  function watching(
    play: (time: number, console: Console) => Promise<number>,
    console = new Console({ cwd: own.folder }),
  ): { code: Promise<number>; console: Console; change: () => void } {
    writeFileSync(at('watched'), '')
    let time = 0
    const code = playOnEachChange(
      () => play(++time, console),
      { paths: [at('watched')], ignored: [] },
      console,
    )
    return { code, console, change: () => writeFileSync(at('watched'), String(time)) }
  }

  const waitedFor = (console: Console, times: number) =>
    console.stderr.match(new RegExp(`(waiting for a change[^]*){${times}}`))

  test('begins after a change, names the changed file, and ends with 130', async () => {
    const { code, console, change } = watching(async (time, { stdout }) => {
      stdout.write(`time ${time}\n`)
      return 1
    })
    await waitedFor(console, 1)
    change()
    await waitedFor(console, 2)
    console.signals.emit('SIGINT')
    expect(await code).toBe(130)
    expect(console.stdout.text).toBe('time 1\ntime 2\n')
    expect(console.stderr.text).toContain('changed: watched\n')
    expect(console.signals.eventNames()).toEqual([])
  })

  test('waits for the end of the current run, and begins once for all changes meanwhile', async () => {
    let playing = 0
    const together: number[] = []
    const { code, console } = watching(async (time) => {
      together.push(++playing)
      for (const round of time === 1 ? [1, 2, 3] : []) {
        writeFileSync(at('watched'), String(round))
        await new Promise((resolve) => setImmediate(resolve))
      }
      playing--
      return 0
    })
    await waitedFor(console, 2)
    console.signals.emit('SIGTERM')
    expect([await code, together]).toEqual([130, [1, 1]])
  })

  test('continues after an input error, which the next change may fix', async () => {
    const { code, console, change } = watching(async (time) => {
      if (time === 1) throw new UsageError('this is not right')
      return 0
    })
    await waitedFor(console, 1)
    expect(console.stderr.text).toMatch(/^this is not right\n/)
    change()
    await waitedFor(console, 2)
    console.signals.emit('SIGINT')
    expect(await code).toBe(130)
  })

  test('ends after a defect of the kit', async () => {
    const { code, console } = watching(() => Promise.reject(new TypeError('broken')))
    await expect(code).rejects.toThrow('broken')
    expect(console.signals.eventNames()).toEqual([])
  })

  test.each([
    [true, '\u001b[2J'],
    [false, ''],
  ])('clears the screen only on a terminal (%s)', async (isTTY, cleared) => {
    const console = new Console({ cwd: own.folder, env: { TERM: 'xterm' } })
    Object.assign(console.stdout, { isTTY })
    const { code, change } = watching(async () => 0, console)
    await waitedFor(console, 1)
    change()
    await waitedFor(console, 2)
    console.signals.emit('SIGINT')
    await code
    expect(console.stdout.text.slice(0, 4)).toBe(cleared)
  })
})

/** A server that responds with this status, or never. */
const serverThat = (answers: string): string => `
import http from 'node:http'
const server = http.createServer((request, response) => { console.log('asked'); ${answers} })
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('pid ' + process.pid))
`

test('run --watch-path restarts the server after each change, and Ctrl-C stops it', async () => {
  const port = await closedPort()
  mkdirSync(at('server'))
  const server = (answers: string): void => writeFileSync(at('server/main.mjs'), serverThat(answers))
  server('response.end()')
  writeFileSync(at('target.yaml'), `target: http://127.0.0.1:${port}\nhttp: { path: / }\n`)
  const console = new Console({ cwd: own.folder })
  const start = `"${process.execPath}" "${at('server/main.mjs')}" ${port}`
  const cases = ['--specs', 'chapters', '--only', 'http/own/is-a-teapot', '--verbose']
  const code = console.run('run', 'target.yaml', '--watch-path', 'server', '--start', start, ...cases)
  await console.stdout.match(/1 fail in/)
  server('console.log("holds")')
  await console.stderr.match(/holds/)
  const pids = [...console.stderr.text.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid))
  console.signals.emit('SIGINT')
  expect(await code).toBe(130)
  expect(pids.length).toBeGreaterThan(1)
  expect(pids.filter((pid) => isAlive(pid))).toEqual([])
})

test('Ctrl-C before the first case is played ends at once', async () => {
  const console = new Console({ cwd: own.folder })
  const listening = once(console.signals, 'newListener')
  const code = console.run('run', '--watch', '--specs', 'chapters', '--only', 'http/own/answers')
  await listening
  console.signals.emit('SIGINT')
  expect([await code, console.stdout.text]).toEqual([130, ''])
})

describe('there is nothing to watch', () => {
  test.each([
    ['at a URL', ['--watch', 'http://127.0.0.1:1/'], /--watch has no files to watch: give a/],
    ['where no folder is', ['--watch-path', 'nowhere'], /--watch-path: nowhere does not exist/],
  ])('%s', async (_, argv, message) => {
    const console = new Console({ cwd: own.folder })
    expect(await console.run('run', ...argv)).toBe(2)
    expect(console.stderr.text).toMatch(message)
  })
})
