import pico from 'picocolors'

import type { EnablingLine } from '../../run/selection/enabling-lines.ts'
import type { Result, Verdict } from '../../run/result.ts'
import { type ChapterItem, type ChapterResults, Chapters } from '../parts/chapters.ts'
import type { Colors } from '../parts/colour.ts'
import { caseName, detailLines, differenceLines, duration, inconclusiveLines } from '../parts/result-lines.ts'
import { forTerminal } from '../../text/escape.ts'
import { isFailOrWarn, instanceName } from '../result-text.ts'
import { Progress } from './progress.ts'
import type { Output, Reporter, ReporterFactory, ReportSettings, RunEnd, RunStart } from '../reporter.ts'
import { shellQuoted } from '../reproduce/curl.ts'
import { exitMeaning, countsInWords, Tally } from '../summary.ts'
import { casesInWords, enabledCases, judgedShare } from '../parts/enabling-lines.ts'

type Paint = (text: string) => string

const labels: Readonly<Record<Verdict, string>> = {
  pass: 'pass',
  fail: 'FAIL',
  warn: 'WARN',
  skip: 'skip',
  inconclusive: 'could not judge',
}

function paints(colors: Colors): Readonly<Record<Verdict, Paint>> {
  return {
    pass: colors.green,
    fail: colors.red,
    warn: colors.yellow,
    skip: colors.dim,
    inconclusive: colors.magenta,
  }
}

/** The command that prints a script for the finding, from a JSON report. */
const reproduceLine = (result: Result): string =>
  `reproduce ${forTerminal(`pushspec explain ${shellQuoted(instanceName(result))} --report FILE.json --reproduce`)}`

/** False for a chapter whose cases were all skipped. */
const hasPlayedCases = ({ tally }: ChapterResults): boolean => tally.total > tally.summary.skip

/** A reason without the parts that differ between instances: quoted text, channels, numbers. */
const withoutVariableParts = (reason: string): string =>
  reason.replaceAll(/"(?:\\.|[^"\\])*"|pushspec-[\w-]+|\d+/g, '')
/** Up to this number of inconclusive results with the same reason are shown one by one. */
const maxListedAlike = 3

const indent = (lines: readonly string[], by: number): string[] => lines.map((line) => ' '.repeat(by) + line)

class TerminalReporter implements Reporter {
  readonly #out: Output
  readonly #verbose: boolean
  readonly #quiet: boolean
  readonly #colors: Colors
  readonly #paint: Readonly<Record<Verdict, Paint>>
  readonly #tally = new Tally()
  readonly #chapters = new Chapters()
  /** Number of skipped instances that no line would enable, by reason. */
  readonly #skipped = new Map<string, number>()
  /** Names of inconclusive results, by reason. */
  readonly #unjudged = new Map<string, string[]>()
  #progress: Progress | undefined
  #start: RunStart | undefined

  constructor(out: Output, settings: ReportSettings) {
    this.#out = out
    this.#verbose = settings.verbose
    this.#quiet = settings.quiet === true
    this.#colors = pico.createColors(out.colour)
    this.#paint = paints(this.#colors)
  }

  start(run: RunStart): void {
    const { bold, dim } = this.#colors
    this.#start = run
    if (this.#quiet) return
    this.#print(`${bold('pushspec')} ${run.version}  ${bold(forTerminal(run.target))}`)
    if (run.took !== '') this.#print(`detected as ${forTerminal(run.took)}`)
    const found = run.abilities.filter((ability) => ability.how === 'found').map((ability) => ability.need)
    if (found.length > 0) this.#print(dim(`found by probing: ${forTerminal(found.join(', '))}`))
    this.#progress = new Progress(this.#out, this.#colors, run.total)
  }

  result(result: Result): void {
    this.#tally.add(result)
    const chapter = this.#chapters.of(result)
    chapter.tally.add(result)
    const lines = this.#linesOf(result)
    const key = `${result.id} ${result.instance}`
    if (result.verdict === 'inconclusive' && result.known === undefined)
      this.#unjudged.set(result.reason, [...(this.#unjudged.get(result.reason) ?? []), caseName(result)])
    const unjudged = result.verdict === 'inconclusive' ? { unjudged: result.reason } : {}
    if (lines.length > 0) chapter.add({ key, lines, ...unjudged, ...this.#shortForm(result, lines) })
    if (result.verdict === 'skip' && result.enable === '')
      this.#skipped.set(result.reason, (this.#skipped.get(result.reason) ?? 0) + 1)
    this.#progress?.show(this.#tally, result)
  }

  end(end: RunEnd): void {
    this.#progress?.clear()
    if (this.#quiet) this.#endQuietly(end)
    else this.#endInFull(end)
  }

  #endQuietly(end: RunEnd): void {
    const findings = this.#chapters
      .inOrder()
      .flatMap(({ chapters }) =>
        chapters.flatMap((one) => this.#shownItems(one).flatMap(({ lines }) => lines)),
      )
    this.#print(...findings, ...this.#unjudgedLines(), this.#summaryLines(end).join('  '))
  }

  #endInFull(end: RunEnd): void {
    for (const { heading, chapters } of this.#chapters.inOrder()) {
      const shown = chapters.filter((chapter) => this.#verbose || hasPlayedCases(chapter))
      if (shown.length === 0) continue
      this.#print('', this.#colors.bold(forTerminal(heading)))
      for (const chapter of shown) this.#print(...this.#chapterLines(chapter))
    }
    const sections = [
      this.#unjudgedLines(),
      this.#enablingLines(),
      this.#skippedLines(),
      this.#summaryLines(end),
    ]
    this.#print('', ...sections.flat())
  }

  /** The lines of one result under its chapter; rendered at once, so that transcripts need not be kept. */
  #linesOf(result: Result): string[] {
    const { verdict } = result
    const found = isFailOrWarn(result)
    if (!found && verdict !== 'inconclusive' && !this.#verbose) return []
    const level = found ? ` (${forTerminal(result.level)})` : ''
    const time = verdict === 'skip' ? '' : this.#colors.dim(`  ${duration(result.durationMs)}`)
    if (result.known !== undefined && this.#quiet) return []
    if (result.known !== undefined)
      return [this.#colors.dim(`known ${labels[verdict]} ${caseName(result)}: ${forTerminal(result.known)}`)]
    const name = `${this.#paint[verdict](labels[verdict])} ${caseName(result)}${level}${time}`
    if (found) return [name, ...indent([...detailLines(result), reproduceLine(result)], 4), '']
    if (verdict === 'inconclusive') return [name, ...indent(inconclusiveLines(result), 4)]
    return [result.reason === '' ? name : `${name}  ${forTerminal(result.reason)}`]
  }

  /** The shorter form of a result that repeats an earlier one; none with --verbose. */
  #shortForm(result: Result, [name = '']: readonly string[]): Pick<ChapterItem, 'kind' | 'short'> {
    const { id, verdict, reason, expected, observed } = result
    if (this.#verbose || result.known !== undefined) return {}
    if (verdict === 'inconclusive') return { kind: withoutVariableParts(reason), short: [] }
    return { kind: `${verdict} ${id}`, short: [name, ...indent(differenceLines(expected, observed), 4), ''] }
  }

  #itemLines(items: readonly ChapterItem[]): string[] {
    const counts = new Map<string, number>()
    const lines = items.flatMap(({ kind = '', lines: full, short = full }) => {
      const count = counts.get(kind) ?? 0
      counts.set(kind, count + 1)
      return kind === '' || count === 0 ? full : short
    })
    const hidden = items.filter(({ short }) => short?.length === 0)
    const left = hidden.length - new Set(hidden.map(({ kind }) => kind)).size
    const more = `and ${left} more ${left === 1 ? 'case' : 'cases'}, which could not be judged for the same reason (--verbose lists them)`
    return left === 0 ? lines : [...lines, this.#colors.dim(more)]
  }

  #chapterLines(chapter: ChapterResults): string[] {
    const { fail, warn, inconclusive, pass } = chapter.tally.summary
    const worst: Verdict =
      fail > 0 ? 'fail' : warn > 0 ? 'warn' : inconclusive > 0 ? 'inconclusive' : pass > 0 ? 'pass' : 'skip'
    const counts = this.#paint[worst](countsInWords(chapter.tally.summary))
    const line = `  ${forTerminal(chapter.title)}  ${this.#colors.dim(forTerminal(chapter.address))}  ${counts}`
    return [line, ...indent(this.#itemLines(this.#shownItems(chapter)), 4)]
  }

  #shownItems({ items }: ChapterResults): ChapterItem[] {
    return items.filter(({ unjudged = '' }) => !this.#isFrequent(unjudged))
  }

  /** A reason that many results share is shown once, at the end. */
  #isFrequent(reason: string): boolean {
    return (this.#unjudged.get(reason)?.length ?? 0) > maxListedAlike
  }

  #unjudgedLines(): string[] {
    return [...this.#unjudged].flatMap(([reason, names]) => {
      if (!this.#isFrequent(reason)) return []
      const most = this.#verbose ? names.length : maxListedAlike
      const left = names.length > most ? [`and ${names.length - most} more`] : []
      const title = this.#paint.inconclusive(`Could not judge ${names.length} cases`)
      return [`${title}: ${forTerminal(reason)}`, ...indent([...names.slice(0, most), ...left], 4), '']
    })
  }

  /** How many cases were judged, and the lines that would enable more. */
  #enablingLines(): string[] {
    const known = judgedShare(this.#start, this.#tally)
    if (known === undefined) return []
    const lines = (enablingLines: readonly EnablingLine[]): string[] =>
      enablingLines.map((one) => `  ${forTerminal(one.line)}  ${this.#colors.dim(enabledCases(one))}`)
    const { headline, best, others } = known
    const rest = others.length === 0 ? [] : ['Other lines, also for other endpoints:', ...lines(others), '']
    return [this.#colors.bold(forTerminal(headline)), ...lines(best), '', ...rest]
  }

  #skippedLines(): string[] {
    const lines = [...this.#skipped]
      .toSorted(([, one], [, other]) => other - one)
      .map(([reason, count]) => `  ${forTerminal(reason)}  ${this.#colors.dim(casesInWords(count))}`)
    return lines.length === 0 ? [] : ['Skipped:', ...lines, '']
  }

  #summaryLines(end: RunEnd): string[] {
    const played = this.#tally.total
    const { total = 0, seed = '' } = this.#start ?? {}
    const part = played < total ? ` (${played} of ${total} played)` : ''
    const meaning = exitMeaning(end.exitCode)
    const paint = this.#paint[end.exitCode === 0 ? 'pass' : end.exitCode === 1 ? 'fail' : 'inconclusive']
    return [
      `${this.#colors.bold(countsInWords(this.#tally.summary))}${part} in ${duration(end.durationMs)}${this.#colors.dim(`  seed ${forTerminal(seed)}`)}`,
      paint(`exit code ${end.exitCode}: ${meaning}`),
    ]
  }

  #print(...lines: string[]): void {
    this.#out.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`)
  }
}

/** For the user at the terminal: progress during the run, then findings by chapter and a summary. */
export const terminal: ReporterFactory = {
  name: 'terminal',
  about: 'findings by chapter and a summary, as text (default)',
  create: (out, settings) => new TerminalReporter(out, settings),
}
