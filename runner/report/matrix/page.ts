import { createHash } from 'node:crypto'

import { htmlEscape } from 'escape-goat'

import { forTerminal } from '../../text/escape.ts'
import type { Matrix } from './matrix.ts'
import { style } from '../reporters/html/style.ts'

const extra = `${style}
table.matrix { border-collapse: collapse } .matrix th, .matrix td { padding: .25rem .7rem; border: 1px solid var(--line); text-align: center }
.matrix th:first-child, .matrix td:first-child { text-align: left } .matrix th { position: sticky; top: 0; background: var(--panel) }
`

const text = (value: string): string => htmlEscape(forTerminal(value))

/** The matrix as one HTML page without scripts. */
export function matrixPage({ kind, targets, rows }: Matrix): string {
  const hash = createHash('sha256').update(extra).digest('base64')
  const body = rows
    .map(
      ({ name, cells }) =>
        `<tr><td>${text(name)}</td>${cells.map((cell) => `<td class="${cell.verdict}">${text(cell.text)}</td>`).join('')}</tr>`,
    )
    .join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'">
<meta name="viewport" content="width=device-width"><title>pushspec: compatibility</title><style>${extra}</style></head><body>
<h1>Compatibility</h1><p class="soft">passed / judged</p>
<table class="matrix"><thead><tr><th>${kind}</th>${targets.map((target) => `<th>${text(target)}</th>`).join('')}</tr></thead>
<tbody>${body}</tbody></table></body></html>
`
}
