import { appendFileSync } from 'node:fs'

import type { Result } from '../../run/result.ts'
import { forTerminal } from '../../text/escape.ts'
import { explanationLines, instanceName } from '../result-text.ts'
import { MarkdownDocument } from './markdown.ts'
import type { Output, Reporter, ReporterFactory, RunEnd, RunStart } from '../reporter.ts'

/** Escapes the value of a workflow command, and the value of a property. */
const value = (text: string): string =>
  text.split('\n').map(forTerminal).join('\n').replaceAll('%', '%25').replaceAll('\n', '%0A')
const property = (text: string): string => value(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

const commands: Partial<Record<Result['verdict'], string>> = {
  fail: 'error',
  warn: 'warning',
  inconclusive: 'notice',
}

/** Writes an annotation for each finding, and at the end a table into the summary of the job. */
class GithubReporter implements Reporter {
  readonly #out: Output
  readonly #document = new MarkdownDocument()
  /** Reasons of inconclusive results that were written already. */
  readonly #reasons = new Set<string>()

  constructor(out: Output) {
    this.#out = out
  }

  start(run: RunStart): void {
    this.#document.start(run)
  }

  result(result: Result): void {
    this.#document.add(result)
    const command = commands[result.verdict]
    if (command === undefined) return
    if (result.verdict === 'inconclusive') {
      if (this.#reasons.has(result.reason)) return
      this.#reasons.add(result.reason)
    }
    const message = [result.title, ...explanationLines(result)].join('\n')
    this.#out.write(`::${command} title=${property(instanceName(result))}::${value(message)}\n`)
  }

  end(end: RunEnd): void {
    const file = process.env['GITHUB_STEP_SUMMARY']
    if (file !== undefined && file !== '') appendFileSync(file, this.#document.text(end))
  }
}

export const github: ReporterFactory = {
  name: 'github',
  about: 'GitHub Actions: annotations, and a table in the job summary',
  mixesWithOthers: true,
  create: (out) => new GithubReporter(out),
}
