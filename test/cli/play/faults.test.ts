import { describe, expect, test } from '@jest/globals'
import { faults } from '../../../fixtures/faults/index.ts'
import { Console } from '../console.ts'

/** Runs `serve` on a free port until the work is done. */
async function whileServing(argv: readonly string[], work: (url: string) => Promise<void>): Promise<void> {
  const serving = new Console()
  const served = serving.run('serve', '--port', '0', ...argv)
  const [, url = ''] = await serving.stdout.match(/at (http:\/\/\S+)/)
  await work(url)
  serving.signals.emit('SIGTERM')
  expect(await served).toBe(0)
}

const dateIsSent = ['--only', 'http/every-answer/date-is-sent']

describe('--break', () => {
  test('of serve adds the fault to the reference server, and says so', async () => {
    await whileServing(['--break', 'has-no-date'], async (url) => {
      const answer = await fetch(url)
      expect([answer.status, answer.headers.get('date')]).toEqual([200, null])
    })
  })

  test('of run adds the fault to the reference server', async () => {
    const console = new Console()
    expect(await console.run('run', '--break', 'has-no-date', ...dateIsSent, '--strict')).toBe(1)
    expect(console.stdout.text).toMatch(/the reference server, behind has-no-date/)
    expect(console.stdout.text).toMatch(/http\/every-answer\/date-is-sent/)
  })

  test('of run adds the fault to any server', async () => {
    await whileServing([], async (url) => {
      const console = new Console()
      expect(await console.run('run', url, ...dateIsSent, '--strict')).toBe(0)
      expect(await console.run('run', url, '--break', 'has-no-date', ...dateIsSent, '--strict')).toBe(1)
    })
  })

  test.each(['run', 'serve'])('of %s suggests the nearest fault', async (command) => {
    const console = new Console()
    expect(await console.run(command, '--break', 'has-no-dat')).toBe(2)
    expect(console.stderr.text).toMatch(/no fault "has-no-dat" \(did you mean "has-no-date"\?\)/)
  })
})

describe('prove', () => {
  test('--list shows every fault with its description', async () => {
    const console = new Console()
    expect(await console.run('prove', '--list')).toBe(0)
    for (const { id, about } of faults) expect(console.stdout.text).toContain(`${id}\n    ${about}\n`)
  })

  test('of an unknown fault suggests the nearest one', async () => {
    const console = new Console()
    expect(await console.run('prove', '--fault', 'has-no-dat')).toBe(2)
    expect(console.stderr.text).toMatch(/did you mean "has-no-date"/)
  })

  test('shows its progress, then the counts, and ends with 0 when everything is proved', async () => {
    const console = new Console()
    const argv = ['--only', 'http/every-answer/date-is-sent', '--fault', 'has-no-date', '--sample', '0']
    expect([await console.run('prove', ...argv), console.stdout.text]).toEqual([
      0,
      '1 of 1 cases proved (100 %), 1 of 1 instances, 0 of 0 demands needed, 1 of 1 faults detected, 0 cases fail without an explanation, 0 false alarms behind 0 freedoms\n',
    ])
    expect(console.stderr.text).toMatch(/^0\/1 .*every case without a fault\n(.*\n)*1\/1 .*has-no-date\n$/)
  })

  test('ends with 1 and says what to do when a case is not proved', async () => {
    const console = new Console()
    const argv = ['--only', 'http/every-answer/date-is-sent', '--fault', 'ignores-close', '--sample', '0']
    expect(await console.run('prove', ...argv)).toBe(1)
    expect(console.stdout.text).toMatch(/^no case detects the fault ignores-close: write a case/)
  })
})
