import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

import { openReporters, parseReporter, parseReporters } from '../../../runner/report/reporters/outputs.ts'
import { ReportError } from '../../../runner/report/errors.ts'
import type { ReporterFactory } from '../../../runner/report/reporter.ts'
import { Kept, result, runEnd, runStart } from '../results.ts'

const names = (texts: string[]): string[] => parseReporters(texts).map((one) => one.factory.name)

describe('--reporter', () => {
  test('names a reporter and, after =, a file', () => {
    expect(parseReporter('json=out=1.json')).toMatchObject({ factory: { name: 'json' }, file: 'out=1.json' })
    expect(parseReporter('json=-').file).toBeUndefined()
  })

  test.each([
    [['jsn'], 'unknown reporter "jsn" (did you mean "json"?)'],
    [['json='], 'has no file name'],
    [['json', 'terminal'], 'only one report can go to stdout, not json and terminal'],
    [['json=a', 'terminal=a'], 'two reports would be written to a'],
  ])('%j is refused', (texts, message) => {
    expect(() => parseReporters(texts)).toThrow(ReportError)
    expect(() => parseReporters(texts)).toThrow(message)
  })

  test('adds the terminal report only when stdout is free', () => {
    expect(names([])).toEqual(['terminal'])
    expect(names(['json'])).toEqual(['json'])
    expect(names(['json=report.json'])).toEqual(['terminal', 'json'])
  })
})

describe('reports in files', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pushspec-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const open = (texts: string[], stdout = new Kept(), factories?: readonly ReporterFactory[]) =>
    openReporters(parseReporters(texts, factories), { stdout, cwd: folder, settings: { verbose: false } })

  test('several are written at the same time', async () => {
    const stdout = new Kept()
    const reporter = open(['json=a.json', 'terminal=b.txt'], stdout)
    reporter.start(runStart())
    reporter.result(result('fail'))
    await reporter.end(runEnd())
    expect(JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8'))).toMatchObject({ summary: { fail: 1 } })
    expect(readFileSync(join(folder, 'b.txt'), 'utf8')).toBe(stdout.text)
    expect(stdout.text).toContain('1 fail')
  })

  test('are written to disk during the run', () => {
    const reporter = open(['json=a.json'])
    reporter.start(runStart())
    reporter.result(result('fail'))
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toContain('"verdict":"fail"')
  })

  test('that cannot be written are an error with the name of the file', () => {
    expect(() => open(['json=none/a.json'])).toThrow(
      'cannot write the report none/a.json: there is no such folder',
    )
    expect(() => open(['json=.'])).toThrow('it is a folder')
  })

  test('a reporter that fails at the end does not prevent the end of the others', async () => {
    const failing: ReporterFactory = {
      name: 'failing',
      about: '',
      create: () => ({
        start: () => undefined,
        result: () => undefined,
        end: () => {
          throw new Error('no')
        },
      }),
    }
    const stdout = new Kept()
    const { json } = await import('../../../runner/report/reporters/json.ts')
    const reporter = open(['failing', 'json=a.json'], stdout, [failing, json])
    reporter.start(runStart())
    await expect(reporter.end(runEnd())).rejects.toThrow('no')
    expect(JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8'))).toMatchObject({ cases: [] })
  })
})

test('annotations for GitHub are mixed with the lines of the terminal report', () => {
  expect(parseReporters(['github']).map(({ factory }) => factory.name)).toEqual(['terminal', 'github'])
  expect(parseReporters(['github', 'terminal']).map(({ factory }) => factory.name)).toEqual([
    'github',
    'terminal',
  ])
})
