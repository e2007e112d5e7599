import { markdownTable } from 'markdown-table'

import type { Result } from '../../run/result.ts'
import { Chapters } from '../parts/chapters.ts'
import { forTerminal } from '../../text/escape.ts'
import { explanationLines, instanceName } from '../result-text.ts'
import type { Output, Reporter, ReporterFactory, RunEnd, RunStart } from '../reporter.ts'
import { exitMeaning, countsInWords, Tally, verdicts } from '../summary.ts'
import { enabledCases, judgedShare } from '../parts/enabling-lines.ts'

/** Escapes text for Markdown and HTML, on one line. */
export const cleanMarkdown = (text: string): string =>
  forTerminal(text).replaceAll(/[\\`*_{}[\]<>()#+!|~&@-]/g, (sign) => `&#${sign.codePointAt(0)};`)

/** A table of chapters, then every result that did not pass. */
export class MarkdownDocument {
  readonly #tally = new Tally()
  readonly #chapters = new Chapters()
  #start: RunStart | undefined

  start(run: RunStart): void {
    this.#start = run
  }

  add(result: Result): void {
    this.#tally.add(result)
    const chapter = this.#chapters.of(result)
    chapter.tally.add(result)
    if (result.verdict !== 'pass' && result.verdict !== 'skip')
      chapter.add({ key: instanceName(result), lines: details(result) })
  }

  text(end: RunEnd): string {
    const groups = this.#chapters.inOrder()
    const findings = groups.flatMap(({ chapters }) =>
      chapters.flatMap(({ items }) => items.flatMap(({ lines }) => lines)),
    )
    return [
      `## pushspec: ${cleanMarkdown(this.#start?.target ?? '')}`,
      `${countsInWords(this.#tally.summary)} in ${(end.durationMs / 1000).toFixed(1)} s: ${exitMeaning(end.exitCode)}.`,
      ...this.#openings(),
      markdownTable(
        [
          ['Chapter', ...verdicts],
          ...groups.flatMap(({ chapters }) => chapters.map(({ address, tally }) => rowOf(address, tally))),
        ],
        {
          align: ['l', ...verdicts.map(() => 'r')],
        },
      ),
      ...(findings.length === 0 ? [] : ['### Results that did not pass', ...findings]),
      '',
    ].join('\n\n')
  }

  #openings(): string[] {
    const known = judgedShare(this.#start, this.#tally)
    if (known === undefined) return []
    const lines = known.best.map((one) => `${one.line} # ${enabledCases(one)}`)
    return [cleanMarkdown(known.headline), ...(lines.length === 0 ? [] : [yamlBlock(lines)])]
  }
}

/** Lines of YAML in a code block; text that would end the block is removed. */
const yamlBlock = (lines: readonly string[]): string =>
  ['````yaml', ...lines.map((line) => forTerminal(line).replaceAll('````', '')), '````'].join('\n')

const rowOf = (address: string, { summary }: Tally): string[] => [
  address,
  ...verdicts.map((verdict) => (summary[verdict] === 0 ? '' : String(summary[verdict]))),
]

const details = (result: Result): string[] => [
  `**${result.verdict}** ${cleanMarkdown(instanceName(result))}: ${cleanMarkdown(result.title)}`,
  explanationLines(result)
    .map((line) => `- ${cleanMarkdown(line)}`)
    .join('\n'),
]

export const markdown: ReporterFactory = {
  name: 'markdown',
  about: 'Markdown: a table of chapters and every result that did not pass',
  create(out: Output): Reporter {
    const document = new MarkdownDocument()
    return {
      start: (run) => document.start(run),
      result: (result) => document.add(result),
      end: (end) => out.write(document.text(end)),
    }
  },
}
