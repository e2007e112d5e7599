import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { matrixPage } from '../report/matrix-page.ts'
import { cleanMarkdown } from '../report/markdown.ts'
import { matrixMarkdown, matrixOf } from '../report/matrix.ts'
import { readReport } from '../report/read-report.ts'
import type { DefineCommand } from './command.ts'
import type { Io } from './io.ts'

interface MatrixFlags {
  readonly html?: string
}

async function matrix(files: readonly string[], flags: MatrixFlags, io: Io): Promise<number> {
  const reports = await Promise.all(files.map((file) => readReport(resolve(io.cwd, file), file)))
  const table = matrixOf(reports)
  if (flags.html !== undefined) await writeFile(resolve(io.cwd, flags.html), matrixPage(table))
  io.stdout.write(matrixMarkdown(table, cleanMarkdown))
  return 0
}

/** Many servers side by side. */
export const defineMatrix: DefineCommand = (program, { io, end }) => {
  program
    .command('matrix')
    .description('put JSON reports side by side: a compatibility table in Markdown, and in HTML')
    .argument('<reports...>', 'JSON reports, one a target')
    .option('--html <file>', 'also as a page')
    .action(async (files: string[], flags: MatrixFlags) => end(await matrix(files, flags, io)))
}
