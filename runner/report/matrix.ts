import { markdownTable } from 'markdown-table'

import { chapterOf } from './findings.ts'
import type { Report } from './report-schema.ts'
import { Tally } from './summary.ts'

/** How one chapter came out on one target. */
export interface Cell {
  /** `12/14`: passed and judged; empty where nothing was judged. */
  readonly text: string
  readonly verdict: 'pass' | 'warn' | 'fail' | 'inconclusive' | 'skip'
}

/** Targets side by side. */
export interface Matrix {
  readonly targets: readonly string[]
  readonly rows: readonly { readonly name: string; readonly cells: readonly Cell[] }[]
}

function cellOf(tally: Tally | undefined): Cell {
  const { pass = 0, fail = 0, warn = 0, inconclusive = 0 } = tally?.summary ?? {}
  const judged = pass + fail + warn + inconclusive
  if (judged === 0) return { text: '', verdict: 'skip' }
  const verdict = fail > 0 ? 'fail' : inconclusive > 0 ? 'inconclusive' : warn > 0 ? 'warn' : 'pass'
  return { text: `${pass}/${judged}`, verdict }
}

function tallies({ cases }: Report): Map<string, Tally> {
  const byChapter = new Map<string, Tally>()
  for (const one of cases) {
    const address = chapterOf(one)
    const tally = byChapter.get(address) ?? new Tally()
    tally.add(one)
    byChapter.set(address, tally)
  }
  return byChapter
}

/** One row a chapter, one column a report. */
export function matrixOf(reports: readonly Report[]): Matrix {
  const columns = reports.map(tallies)
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))]
  return {
    targets: reports.map(({ target }) => target),
    rows: names
      .map((name) => ({ name, cells: columns.map((column) => cellOf(column.get(name))) }))
      .filter(({ cells }) => cells.some(({ verdict }) => verdict !== 'skip')),
  }
}

const signs = { pass: '✓', warn: '⚠', fail: '✗', inconclusive: '?', skip: '' } as const

/** The matrix as a Markdown table; `clean` makes a text harmless. */
export function matrixMarkdown({ targets, rows }: Matrix, clean: (text: string) => string): string {
  const table = rows.map(({ name, cells }) => [
    name,
    ...cells.map(({ text, verdict }) => `${signs[verdict]} ${text}`.trim()),
  ])
  return `${markdownTable([['Chapter', ...targets.map(clean)], ...table], { align: ['l', ...targets.map(() => 'c')] })}\n`
}
