import { describe, expect, test } from '@jest/globals'
import { explainError, UsageError } from '../../runner/cli/errors.ts'
import { ReportError } from '../../runner/report/errors.ts'
import { SelectionError } from '../../runner/run/selection/select.ts'
import { InputError } from '../../runner/documents/problems.ts'
import { HookFailed } from '../../runner/targets/errors/hook-failed.ts'
import { Unreachable } from '../../runner/targets/errors/unreachable.ts'
import { Console } from './console.ts'

const input = new InputError([
  { place: { file: 'target.yaml', line: 6, column: 3 }, text: 'must be true or false' },
])

describe('an error', () => {
  test.each<[string, Error, number]>([
    ['in an input file', input, 2],
    ['of usage', new UsageError('no'), 2],
    ['of a selection', new SelectionError('no'), 2],
    ['of a report', new ReportError('no'), 2],
    ['of an unreachable target', new Unreachable('ws://127.0.0.1:1/', new Error('no')), 3],
    ['of a hook', new HookFailed('no'), 3],
  ])('%s is reported without a stack', (_, error, code) => {
    const console = new Console({ env: { PUSHSPEC_DEBUG: '1' } })
    expect(explainError(error, console)).toBe(code)
    expect(console.stderr.text).toBe(`${error.message}\n`)
  })

  test('cannot control the terminal', () => {
    const console = new Console()
    explainError(new UsageError('first\u001b[2J\nsecond\u202e'), console)
    expect(console.stderr.text).toBe('first\\x1b[2J\nsecond\\u{202e}\n')
  })
})

describe('a defect of the kit', () => {
  test('is called a defect, on one line, without a stack', () => {
    const console = new Console()
    expect(explainError(new TypeError('x is\nnot a function'), console)).toBe(70)
    expect(console.stderr.text).toMatch(
      /^TypeError: x is not a function\nthis is a defect of pushspec, .*\n$/,
    )
  })

  test('shows its stack with PUSHSPEC_DEBUG', () => {
    const console = new Console({ env: { PUSHSPEC_DEBUG: '1' } })
    explainError(new TypeError('no'), console)
    expect(console.stderr.text).toMatch(/\n +at /)
  })

  test('can be any thrown value', () => {
    const console = new Console()
    expect(explainError('text', console)).toBe(70)
    expect(console.stderr.text).toMatch(/^text\n/)
  })
})
