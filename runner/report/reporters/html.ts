import { createHash } from 'node:crypto'

import { htmlEscape } from 'escape-goat'

import type { Result, Verdict } from '../../run/result.ts'
import type { Entry } from '../../wire/transcript.ts'
import { showBytes } from '../parts/bytes.ts'
import { Chapters } from '../parts/chapters.ts'
import { duration } from '../parts/result-lines.ts'
import { forTerminal, truncate } from '../../text/escape.ts'
import { citation, isFailOrWarn, instanceName } from '../result-text.ts'
import { script } from './html/script.ts'
import { style } from './html/style.ts'
import { reproduce } from '../reproduce/reproduce.ts'
import type { Output, Reporter, ReporterFactory, RunEnd, RunStart } from '../reporter.ts'
import { exitMeaning, countsInWords, Tally, verdicts } from '../summary.ts'
import { enabledCases, judgedShare } from '../parts/enabling-lines.ts'

/** Number of entries shown of one transcript, and of bytes shown of one entry. */
const entriesShown = 200
const bytesShown = 600

/** Untrusted text on one line, with control characters visible and markup escaped. */
const text = (value: string): string => htmlEscape(forTerminal(truncate(value, 2000)))

const hash = (content: string): string => `'sha256-${createHash('sha256').update(content).digest('base64')}'`

/** Forbids loading anything and running any script but that of the report. */
const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`

const head = (target: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>pushspec: ${text(target)}</title><style>${style}</style></head><body>
`

const verdictFilter = (verdict: Verdict, count: number): string =>
  `<label class="${verdict}"><input type="checkbox" value="${verdict}"${verdict === 'skip' ? '' : ' checked'}> ${verdict} ${count}</label>`

function toolbar(tally: Tally): string {
  const boxes = verdicts.map((verdict) => verdictFilter(verdict, tally.summary[verdict])).join('\n')
  return `<div class="bar"><input type="search" placeholder="Search (/), step through (j, k)" aria-label="Search">${boxes}<output class="soft"></output></div>\n`
}

const row = (label: string, value: string): string =>
  value === '' ? '' : `<dt>${label}</dt><dd>${text(value)}</dd>`

function rules(result: Result): string {
  return result.requirements
    .map((requirement) => {
      const { id, level, text: rule, url } = requirement
      const where = text(`${citation(requirement)} (${level})`)
      const link = /^https?:\/\//.test(url)
        ? `<a href="${htmlEscape(url)}" rel="noreferrer">${where}</a>`
        : where
      return `<dt>rule</dt><dd>${text(rule)} <span class="soft">${text(id)}, ${link}</span></dd>`
    })
    .join('')
}

/** Adds a line break after each visible line feed. */
const withLineBreaks = (shown: string): string => shown.replaceAll(/\\n(?!"|$)/g, '\\n\n')

const exchangeRow = ({ at, actor, direction, what, bytes, length }: Entry): string => {
  const shown =
    length === 0 ? '' : `<pre>${htmlEscape(withLineBreaks(showBytes(bytes, length, bytesShown)))}</pre>`
  return `<tr><td>${at.toFixed(1)} ms</td><td>${text(actor)}</td><td><span class="arrow ${direction}" title="${direction}"></span></td><td>${text(what)}${shown}</td></tr>`
}

function exchange(entries: readonly Entry[]): string {
  if (entries.length === 0) return ''
  const left = entries.length - entriesShown
  const more = left > 0 ? `<p class="soft">${left} more entries are in the JSON report</p>` : ''
  return `<table class="exchange"><tbody>${entries.slice(0, entriesShown).map(exchangeRow).join('')}</tbody></table>${more}`
}

/** A command or script that reproduces the finding without the kit, with a button to copy it. */
function reproduction(result: Result): string {
  const made = reproduce(result)
  if (typeof made === 'string') return `<p class="soft">No reproduction: ${text(made)}</p>`
  const remarks = made.curl === undefined ? [] : made.remarks
  const how = made.curl === undefined ? 'save as a .mjs file and run with Node' : 'run in a shell'
  return `<h4>Without pushspec: ${how} <button type="button">Copy</button></h4>${remarks.map((remark) => `<p>${text(remark)}</p>`).join('')}<pre class="copy">${htmlEscape(made.curl ?? made.script)}</pre>`
}

/** One case, collapsed unless it failed; `data-text` is the text that the search looks in. */
function caseHtml(result: Result): string {
  const { verdict, title, reason, expected, observed, level, step, enable, known = '', durationMs } = result
  const words = [instanceName(result), title, reason, ...result.requirements.map(({ id }) => id)]
    .join(' ')
    .toLowerCase()
  const open = verdict === 'fail' ? ' open' : ''
  const facts = [
    row('expected', expected),
    row('observed', observed),
    row('reason', expected === '' ? reason : ''),
    row('known', known),
    row('enable with', enable),
    row('level', level),
    rules(result),
    row('step', step === undefined ? '' : `${step.index + 1} (${step.verb}) at ${step.at}`),
  ].join('')
  const summary = `<summary><b class="${verdict}">${verdict}</b>${text(instanceName(result))} <span class="soft">${text(title)}, ${duration(durationMs)}</span></summary>`
  return `<details data-verdict="${verdict}" data-text="${text(words)}"${open}>${summary}<div class="body"><dl>${facts}</dl>${isFailOrWarn(result) ? reproduction(result) : ''}${exchange(result.transcript)}</div></details>`
}

/** How many cases were judged, and the lines that would enable more. */
function enablingLines(start: RunStart | undefined, tally: Tally): string {
  const known = judgedShare(start, tally)
  if (known === undefined) return ''
  const lines = known.best.map((one) => `${text(one.line)} # ${text(enabledCases(one))}`)
  return `<p>${text(known.headline)}</p>\n${lines.length === 0 ? '' : `<pre>${lines.join('\n')}</pre>\n`}`
}

/** One page for readers: results by chapter, failures expanded, every exchange with times and bytes. */
class HtmlReporter implements Reporter {
  readonly #out: Output
  readonly #tally = new Tally()
  readonly #chapters = new Chapters()
  #start: RunStart | undefined

  constructor(out: Output) {
    this.#out = out
  }

  start(run: RunStart): void {
    this.#start = run
    this.#out.write(head(run.target))
  }

  result(result: Result): void {
    this.#tally.add(result)
    const chapter = this.#chapters.of(result)
    chapter.tally.add(result)
    chapter.add({ key: instanceName(result), lines: [caseHtml(result)] })
  }

  end(end: RunEnd): void {
    const { target = '', version = '', startedAt, took = '' } = this.#start ?? {}
    const when = startedAt?.toISOString().replace('T', ' ').slice(0, 16) ?? ''
    const summary = `${countsInWords(this.#tally.summary)} in ${duration(end.durationMs)}: ${exitMeaning(end.exitCode)}`
    this.#out.write(
      `<h1>${text(target)}</h1><p>${text(summary)}</p><p class="soft">${text(`pushspec ${version}, ${when} UTC${took === '' ? '' : `, detected as ${took}`}`)}</p>\n${enablingLines(this.#start, this.#tally)}${toolbar(this.#tally)}<main>\n`,
    )
    for (const { heading, chapters } of this.#chapters.inOrder()) {
      this.#out.write(`<section><h2>${text(heading)}</h2>\n`)
      for (const { title, address, tally, items } of chapters) {
        const counts = text(`${address}: ${countsInWords(tally.summary)}`)
        this.#out.write(`<section><h3>${text(title)} <span class="soft">${counts}</span></h3>\n`)
        this.#out.write(`${items.flatMap(({ lines }) => lines).join('\n')}</section>\n`)
      }
      this.#out.write('</section>\n')
    }
    this.#out.write(`</main><script>${script}</script></body></html>\n`)
  }
}

export const html: ReporterFactory = {
  name: 'html',
  about: 'one self-contained page: filter, search, every exchange',
  create: (out) => new HtmlReporter(out),
}
