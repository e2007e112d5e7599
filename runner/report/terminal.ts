import pico from 'picocolors'

import type { Result, Verdict } from '../run/result.ts'
import { type ChapterResults, Chapters } from './chapters.ts'
import type { Colors } from './colour.ts'
import { caseName, detailLines, duration, inconclusiveLines } from './detail.ts'
import { forTerminal } from './escape.ts'
import { Progress } from './progress.ts'
import type { Output, Reporter, ReporterFactory, ReportSettings, RunEnd, RunStart } from './reporter.ts'
import { exitMeaning, inWords, Tally } from './summary.ts'

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

/** Something of it was looked at; what was skipped altogether is in the list of what is missing. */
const isPlayed = ({ tally }: ChapterResults): boolean => tally.total > tally.summary.skip

/** So many cases that could not be judged for one reason are shown one by one. */
const fewAlike = 3

const indent = (lines: readonly string[], by: number): string[] => lines.map((line) => ' '.repeat(by) + line)

class TerminalReporter implements Reporter {
  readonly #out: Output
  readonly #verbose: boolean
  readonly #colors: Colors
  readonly #paint: Readonly<Record<Verdict, Paint>>
  readonly #tally = new Tally()
  readonly #chapters = new Chapters()
  /** Number of skipped instances by the line that would enable them, or else by the reason. */
  readonly #enable = new Map<string, number>()
  readonly #unopened = new Map<string, number>()
  /** What could not be judged, by the reason. */
  readonly #unjudged = new Map<string, string[]>()
  #progress: Progress | undefined
  #total = 0
  #seed = ''

  constructor(out: Output, settings: ReportSettings) {
    this.#out = out
    this.#verbose = settings.verbose
    this.#colors = pico.createColors(out.colour)
    this.#paint = paints(this.#colors)
  }

  start(run: RunStart): void {
    const { bold, dim } = this.#colors
    this.#print(`${bold('pushspec')} ${run.version}  ${bold(forTerminal(run.target))}`)
    if (run.took !== '') this.#print(dim(`took it for ${forTerminal(run.took)}`))
    const found = run.abilities.filter((ability) => ability.how === 'found').map((ability) => ability.need)
    if (found.length > 0) this.#print(dim(`found out by asking: ${forTerminal(found.join(', '))}`))
    this.#total = run.total
    this.#seed = run.seed
    this.#progress = new Progress(this.#out, this.#colors, run.total)
  }

  result(result: Result): void {
    this.#tally.add(result)
    const chapter = this.#chapters.of(result)
    chapter.tally.add(result)
    const lines = this.#linesOf(result)
    const key = `${result.id} ${result.instance}`
    if (result.verdict === 'inconclusive') {
      const { reason } = result
      this.#unjudged.set(reason, [...(this.#unjudged.get(reason) ?? []), caseName(result)])
      chapter.keep({ key, lines, unjudged: reason })
    } else if (lines.length > 0) chapter.keep({ key, lines })
    if (result.verdict === 'skip') this.#countSkip(result)
    this.#progress?.show(this.#tally, result)
  }

  end(end: RunEnd): void {
    this.#progress?.clear()
    for (const { heading, chapters } of this.#chapters.inOrder()) {
      const shown = chapters.filter((chapter) => this.#verbose || isPlayed(chapter))
      if (shown.length === 0) continue
      this.#print('', this.#colors.bold(forTerminal(heading)))
      for (const chapter of shown) this.#print(...this.#chapterLines(chapter))
    }
    this.#print('', ...this.#unjudgedLines(), ...this.#skipLines(), ...this.#summaryLines(end))
  }

  /** What stands under the chapter for one result: rendered at once, so that no transcript is kept. */
  #linesOf(result: Result): string[] {
    const { verdict } = result
    const isFinding = verdict === 'fail' || verdict === 'warn'
    if (!isFinding && verdict !== 'inconclusive' && !this.#verbose) return []
    const level = isFinding ? ` (${forTerminal(result.level)})` : ''
    const time = verdict === 'skip' ? '' : this.#colors.dim(`  ${duration(result.durationMs)}`)
    if (result.known !== undefined)
      return [this.#colors.dim(`known ${labels[verdict]} ${caseName(result)}: ${forTerminal(result.known)}`)]
    const name = `${this.#paint[verdict](labels[verdict])} ${caseName(result)}${level}${time}`
    if (isFinding) return [name, ...indent(detailLines(result), 4), '']
    if (verdict === 'inconclusive') return [name, ...indent(inconclusiveLines(result), 4)]
    return [result.reason === '' ? name : `${name}  ${forTerminal(result.reason)}`]
  }

  #chapterLines(chapter: ChapterResults): string[] {
    const { fail, warn, inconclusive, pass } = chapter.tally.summary
    const worst: Verdict =
      fail > 0 ? 'fail' : warn > 0 ? 'warn' : inconclusive > 0 ? 'inconclusive' : pass > 0 ? 'pass' : 'skip'
    const counts = this.#paint[worst](inWords(chapter.tally.summary))
    const line = `  ${forTerminal(chapter.title)}  ${this.#colors.dim(forTerminal(chapter.address))}  ${counts}`
    const items = chapter.items.filter(({ unjudged = '' }) => !this.#isOften(unjudged))
    return [line, ...items.flatMap((item) => indent(item.lines, 4))]
  }

  /** A reason that so many share is told once, at the end. */
  #isOften(reason: string): boolean {
    return (this.#unjudged.get(reason)?.length ?? 0) > fewAlike
  }

  #unjudgedLines(): string[] {
    return [...this.#unjudged].flatMap(([reason, names]) => {
      if (!this.#isOften(reason)) return []
      const most = this.#verbose ? names.length : fewAlike
      const left = names.length > most ? [`and ${names.length - most} more`] : []
      const title = this.#paint.inconclusive(`Could not judge ${names.length} cases`)
      return [`${title}: ${forTerminal(reason)}`, ...indent([...names.slice(0, most), ...left], 4), '']
    })
  }

  #countSkip({ enable, reason }: Result): void {
    const [counts, key] = enable === '' ? [this.#unopened, reason] : [this.#enable, enable]
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }

  #skipLines(): string[] {
    const lines = (counts: ReadonlyMap<string, number>, does: string): string[] =>
      [...counts]
        .toSorted(([, one], [, other]) => other - one)
        .map(
          ([key, count]) =>
            `  ${forTerminal(key)}  ${this.#colors.dim(`${does}${count === 1 ? '1 case' : `${count} cases`}`)}`,
        )
    const opening = lines(this.#enable, 'opens ')
    const others = lines(this.#unopened, '')
    return [
      ...(opening.length === 0 ? [] : ['Skipped. Add this line to the target description:', ...opening, '']),
      ...(others.length === 0 ? [] : ['Skipped:', ...others, '']),
    ]
  }

  #summaryLines(end: RunEnd): string[] {
    const played = this.#tally.total
    const part = played < this.#total ? ` (${played} of ${this.#total} played)` : ''
    const meaning = exitMeaning(end.exitCode)
    const paint = this.#paint[end.exitCode === 0 ? 'pass' : end.exitCode === 1 ? 'fail' : 'inconclusive']
    return [
      `${this.#colors.bold(inWords(this.#tally.summary))}${part} in ${duration(end.durationMs)}${this.#colors.dim(`  seed ${forTerminal(this.#seed)}`)}`,
      paint(`exit code ${end.exitCode}: ${meaning}`),
    ]
  }

  #print(...lines: string[]): void {
    this.#out.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`)
  }
}

/** For people: progress while it runs, then findings by chapter and a summary. */
export const terminal: ReporterFactory = {
  name: 'terminal',
  about: 'findings by chapter and a summary, for people (default)',
  create: (out, settings) => new TerminalReporter(out, settings),
}
