import { create, type XMLElement } from 'xmlbuilder'

import type { Result } from '../../run/result.ts'
import { forTerminal } from '../../text/escape.ts'
import { chapterAddress, explanationLines, instanceName } from '../result-text.ts'
import type { Output, Reporter, ReporterFactory, RunEnd, RunStart } from '../reporter.ts'

/** Writes characters that XML 1.0 forbids (section 2.2) and control characters as escapes. */
const clean = (text: string): string => text.split('\n').map(forTerminal).join('\n')
const seconds = (ms: number): string => (ms / 1000).toFixed(3)
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** One suite for each chapter, one test case for each instance; an inconclusive result is an error. */
class JUnitReporter implements Reporter {
  readonly #out: Output
  readonly #suites = new Map<string, Result[]>()
  #start: RunStart | undefined

  constructor(out: Output) {
    this.#out = out
  }

  start(run: RunStart): void {
    this.#start = run
  }

  result(result: Result): void {
    const address = chapterAddress(result)
    this.#suites.set(address, [...(this.#suites.get(address) ?? []), { ...result, transcript: [] }])
  }

  end(end: RunEnd): void {
    const all = [...this.#suites.values()].flat()
    const root = create('testsuites', { encoding: 'UTF-8', invalidCharReplacement: '\ufffd' })
    root.att({
      name: clean(`pushspec ${this.#start?.target ?? ''}`),
      ...countsOf(all),
      time: seconds(end.durationMs),
    })
    for (const [address, results] of this.#suites) this.#suite(root, address, results)
    this.#out.write(`${root.end({ pretty: true })}\n`)
  }

  #suite(root: XMLElement, address: string, results: readonly Result[]): void {
    const suite = root.ele('testsuite', {
      name: address,
      ...countsOf(results),
      skipped: results.filter(({ verdict }) => verdict === 'skip').length,
      time: seconds(sum(results.map(({ durationMs }) => durationMs))),
      timestamp: (this.#start?.startedAt ?? new Date(0)).toISOString().replace(/\.\d+Z$/, ''),
      hostname: 'localhost',
    })
    for (const result of results) testCase(suite, result)
  }
}

const countsOf = (results: readonly Result[]) => ({
  tests: results.length,
  failures: results.filter(({ verdict }) => verdict === 'fail').length,
  errors: results.filter(({ verdict }) => verdict === 'inconclusive').length,
})

function testCase(suite: XMLElement, result: Result): void {
  const element = suite.ele('testcase', {
    name: clean(instanceName(result)),
    classname: chapterAddress(result).replaceAll('/', '.'),
    time: seconds(result.durationMs),
  })
  const text = clean(explanationLines(result).join('\n'))
  const message = clean(result.reason)
  if (result.verdict === 'skip')
    element.ele('skipped', { message: clean([result.reason, result.enable].filter(Boolean).join(': ')) })
  if (result.verdict === 'inconclusive') element.ele('error', { message, type: 'inconclusive' }, text)
  if (result.verdict === 'fail') element.ele('failure', { message, type: result.level }, text)
  if (result.verdict === 'warn') element.ele('system-out', {}, `warning: ${text}`)
}

export const junit: ReporterFactory = {
  name: 'junit',
  about: 'JUnit XML: one suite for each chapter',
  create: (out) => new JUnitReporter(out),
}
