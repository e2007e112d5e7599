import { resolve } from 'node:path'

import { type Change, compare } from '../../report/compare.ts'
import { forTerminal } from '../../text/escape.ts'
import { readReport } from '../../report/read.ts'
import { exits } from '../../report/summary.ts'
import type { DefineCommand } from './command.ts'
import type { Io } from '../io.ts'

const listed = (heading: string, changes: readonly Change[]): string[] =>
  changes.length === 0
    ? []
    : [
        `${heading} (${changes.length})`,
        ...changes.map(({ name, before, after, reason }) =>
          forTerminal(
            `  ${name}: ${before ?? 'missing'} -> ${after ?? 'missing'}${reason === '' ? '' : `: ${reason}`}`,
          ),
        ),
        '',
      ]

async function diff(before: string, after: string, flags: { json?: boolean }, io: Io): Promise<number> {
  const read = (file: string) => readReport(resolve(io.cwd, file), file)
  const changes = compare(await read(before), await read(after))
  const { regressions, fixes, appeared, gone } = changes
  const lines = [
    ...listed('Regressions', regressions),
    ...listed('Fixes', fixes),
    ...listed('Judged for the first time', appeared),
    ...listed('No longer judged', gone),
    `${regressions.length} regressions, ${fixes.length} fixes, ${appeared.length} new, ${gone.length} gone`,
  ]
  io.stdout.write(flags.json ? `${JSON.stringify(changes, undefined, 2)}\n` : `${lines.join('\n')}\n`)
  return regressions.length > 0 ? exits.failed : exits.ok
}

/** Compares the reports of two runs. */
export const defineDiff: DefineCommand = (program, { io, end }) => {
  program
    .command('diff')
    .description('compare two JSON reports: regressions (exit code 1), fixes, new and gone cases')
    .argument('<before>', 'a JSON report')
    .argument('<after>', 'a JSON report')
    .option('--json', 'print the comparison as JSON')
    .action(async (before: string, after: string, flags: { json?: boolean }) =>
      end(await diff(before, after, flags, io)),
    )
}
