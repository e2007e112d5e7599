import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SourceTextModule } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Console } from '../console.ts'

const broken = 'http/every-answer/date-is-sent'
const fine = 'http/every-answer/status-line-is-whole'

let cwd = ''
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'pushspec-explain-'))
  const console = new Console({ cwd })
  const only = ['--only', `${broken},${fine}`]
  expect(await console.run('run', '--break', 'has-no-date', ...only, '--reporter', 'json=r.json')).toBe(1)
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

describe('explain --report', () => {
  test('shows how to reproduce a finding without the kit', async () => {
    const console = new Console({ cwd })
    expect(await console.run('explain', broken, '--report', 'r.json')).toBe(0)
    expect(console.stdout.text).toMatch(/Without pushspec\n +curl -i [^\n]* http:\/\/127\.0\.0\.1:\d+\/\n/)
  })

  test('--reproduce prints a script and nothing else', async () => {
    const console = new Console({ cwd })
    expect(await console.run('explain', broken, '--report', 'r.json', '--reproduce')).toBe(0)
    expect(() => new SourceTextModule(console.stdout.text)).not.toThrow()
    expect(console.stdout.text).toMatch(/^\/\/ http\/every-answer\/date-is-sent: .*\n\/\/ expected: /)
    expect(console.stderr.text).toBe('')
  })

  test.each([
    ['without a report', [broken, '--reproduce'], /--reproduce needs --report <file>/],
    ['of a case that passed', [fine, '--report', 'r.json', '--reproduce'], /has no finding about/],
    [
      'of an instance that is not there',
      [`${broken} [x]`, '--report', 'r.json', '--reproduce'],
      /no finding about ".* \[x\]"; its findings are: http\/every-answer\/date-is-sent/,
    ],
    [
      'of a report that is not there',
      [broken, '--report', 'no.json', '--reproduce'],
      /no such file; "pushspec run --reporter json=no\.json" writes one/,
    ],
  ])('--reproduce %s says what is missing', async (_, argv, message) => {
    const console = new Console({ cwd })
    expect(await console.run('explain', ...argv)).toBe(2)
    expect(console.stderr.text).toMatch(message)
    expect(console.stdout.text).toBe('')
  })
})
