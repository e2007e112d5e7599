import { markdownTable } from 'markdown-table'

import type { Result } from '../../run/result.ts'
import { inDocumentOrder } from '../parts/chapters.ts'
import { chapterAddress } from '../result-text.ts'
import { Tally } from '../summary.ts'

/** The verdicts on one target; a report is assignable. */
export interface Column {
  readonly target: string
  readonly cases: readonly Pick<Result, 'id' | 'verdict'>[]
}

/** Whether a row is a chapter or a case. */
export type RowKind = 'Chapter' | 'Case'

/** The verdicts of one chapter or case on one target. */
export interface Cell {
  /** `12/14`: passed and judged; empty if nothing was judged. */
  readonly text: string
  readonly verdict: 'pass' | 'warn' | 'fail' | 'inconclusive' | 'skip'
}

/** A table with a row for each chapter or case and a column for each target. */
export interface Matrix {
  readonly kind: RowKind
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

function tallies({ cases }: Column, kind: RowKind): Map<string, Tally> {
  const byRow = new Map<string, Tally>()
  for (const one of cases) {
    const address = kind === 'Case' ? one.id : chapterAddress(one)
    const tally = byRow.get(address) ?? new Tally()
    tally.add(one)
    byRow.set(address, tally)
  }
  return byRow
}

/** Rows are in the order of the documentation; rows that no target was judged on are left out. */
export function matrixOf(columns: readonly Column[], kind: RowKind = 'Chapter'): Matrix {
  const counted = columns.map((column) => tallies(column, kind))
  const names = [...new Set(counted.flatMap((column) => [...column.keys()]))].toSorted(inDocumentOrder)
  return {
    kind,
    targets: columns.map(({ target }) => target),
    rows: names
      .map((name) => ({ name, cells: counted.map((column) => cellOf(column.get(name))) }))
      .filter(({ cells }) => cells.some(({ verdict }) => verdict !== 'skip')),
  }
}

const signs = { pass: '✓', warn: '⚠', fail: '✗', inconclusive: '?', skip: '' } as const

/** The matrix as a Markdown table; `clean` escapes a text for Markdown. */
export function matrixMarkdown({ kind, targets, rows }: Matrix, clean: (text: string) => string): string {
  const table = rows.map(({ name, cells }) => [
    name,
    ...cells.map(({ text, verdict }) => `${signs[verdict]} ${text}`.trim()),
  ])
  return `${markdownTable([[kind, ...targets.map(clean)], ...table], { align: ['l', ...targets.map(() => 'c')] })}\n`
}
