import { stringify } from 'yaml'

import type { Result } from '../../run/result.ts'
import { forTerminal } from '../../text/escape.ts'
import { instanceName, requirementSources } from '../result-text.ts'
import type { Output, Reporter, ReporterFactory, RunEnd, RunStart } from '../reporter.ts'

/** A description or reason on one line, without characters that have a meaning in TAP. */
const clean = (text: string): string => forTerminal(text).replaceAll('\\', '/').replaceAll('#', '\\#')

/** TAP 14, written result by result. A warning is `ok` with a diagnostic; an inconclusive result is `not ok`. */
class TapReporter implements Reporter {
  readonly #out: Output
  #count = 0

  constructor(out: Output) {
    this.#out = out
  }

  start(run: RunStart): void {
    this.#out.write(`TAP version 14\n# pushspec ${run.version}, ${clean(run.target)}\n`)
  }

  result(result: Result): void {
    const bad = result.verdict === 'fail' || result.verdict === 'inconclusive'
    const skip = result.verdict === 'skip' ? ` # SKIP ${clean(result.reason)}` : ''
    this.#out.write(`${bad ? 'not ok' : 'ok'} ${++this.#count} - ${clean(instanceName(result))}${skip}\n`)
    if (result.verdict !== 'pass' && result.verdict !== 'skip') this.#out.write(diagnostic(result))
  }

  end({ interrupted }: RunEnd): void {
    if (interrupted) this.#out.write('Bail out! interrupted\n')
    else this.#out.write(`1..${this.#count}\n`)
  }
}

function diagnostic(result: Result): string {
  const { verdict, level, title, reason, expected, observed, step } = result
  const facts = {
    verdict,
    level,
    title,
    reason,
    expected,
    observed,
    source: requirementSources(result),
    at: step?.at ?? '',
  }
  const shown = Object.fromEntries(Object.entries(facts).map(([name, text]) => [name, forTerminal(text)]))
  const block = stringify(shown, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' })
  return `  ---\n${block
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n  ...\n`
}

export const tap: ReporterFactory = {
  name: 'tap',
  about: 'Test Anything Protocol, version 14',
  create: (out) => new TapReporter(out),
}
