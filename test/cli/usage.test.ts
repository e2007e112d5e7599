import { describe, expect, test } from '@jest/globals'

import { version } from '../../runner/package/paths.ts'
import { Console } from './console.ts'

describe('bad usage', () => {
  test.each([
    ['an option that does not exist', ['run', '--onyl', 'x'], /unknown option '--onyl'.*\n?.*--only/],
    ['too many targets', ['run', 'a', 'b'], /too many arguments/],
    ['a number that is none', ['run', '--concurrency', 'many'], /whole number from 1 to 1000, got "many"/],
    ['a number out of range', ['run', '--concurrency', '0'], /whole number from 1 to 1000, got "0"/],
    ['a factor that is none', ['run', '--slow', '-1'], /number from 0\.1 to 100, got "-1"/],
    ['a seed that is none', ['run', '--seed', '1.5'], /whole number .* got "1\.5"/],
    ['a duration without a unit', ['run', '--timeout', '10'], /duration such as 400ms, 25s or 2m, got "10"/],
    ['a duration of nought', ['run', '--timeout', '0s'], /duration .* got "0s"/],
    ['a level that does not exist', ['list', '--level', 'MIGHT'], /MUST, SHOULD or MAY, got "MIGHT"/],
    ['a header without a colon', ['run', '-H', 'authorization'], /'name: value', got "authorization"/],
    ['a header with a line end', ['run', '-H', 'a: b\r\nc: d'], /'name: value'/],
    ['an empty address', ['list', '--only', ','], /address such as websocket\/closing/],
    [
      'a reporter that does not exist',
      ['run', '--reporter', 'jsn'],
      /unknown reporter "jsn" \(did you mean "json"\?\)/,
    ],
    [
      'two reports on stdout',
      ['run', '--reporter', 'json', '--reporter', 'terminal'],
      /only one report can go to stdout/,
    ],
    ['a port that does not exist', ['serve', '--port', '70000'], /whole number from 0 to 65535, got "70000"/],
    ['durations of no shard', ['run', '--durations', 'a.json'], /--durations needs --shard/],
    [
      'quiet and verbose',
      ['run', '--quiet', '--verbose'],
      /'--quiet' cannot be used with option '--verbose'/,
    ],
    ['--start without a target', ['run', '--start', 'node server.js'], /--start needs a target/],
  ])('%s ends with 2 and says what is valid', async (_, argv, message) => {
    const console = new Console()
    expect(await console.run(...argv)).toBe(2)
    expect(console.stderr.text).toMatch(message)
    expect(console.stdout.text).toBe('')
  })
})

describe('help', () => {
  test('lists the commands and the exit codes', async () => {
    const console = new Console()
    expect(await console.run('--help')).toBe(0)
    expect(console.stdout.text).toMatch(/run .*\n(.*\n)*.*list .*\n(.*\n)*.*serve /)
    expect(console.stdout.text).toContain('130  interrupted')
  })

  test('of run lists its options', async () => {
    const console = new Console()
    expect(await console.run('run', '--help')).toBe(0)
    for (const option of [
      '--only',
      '--strict',
      '--reporter',
      '--header',
      '--insecure',
      '--start',
      '--timeout',
    ])
      expect(console.stdout.text).toContain(option)
  })

  test('--version is that of the package', async () => {
    const console = new Console()
    expect(await console.run('--version')).toBe(0)
    expect(console.stdout.text).toBe(`${version()}\n`)
  })
})
