import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { forTerminal } from '../../text/escape.ts'
import { matrixPage } from '../../report/matrix/page.ts'
import { cleanMarkdown } from '../../report/reporters/markdown.ts'
import { type Column, matrixMarkdown, matrixOf } from '../../report/matrix/matrix.ts'
import { readReport } from '../../report/read.ts'
import { exits } from '../../report/summary.ts'
import type { Result } from '../../run/result.ts'
import { run } from '../../run/run.ts'
import type { Case } from '../../chapters/chapter.ts'
import { isUrl, loadTarget } from '../../targets/load.ts'
import { Target } from '../../targets/target.ts'
import { loadCases, type SelectionSettings } from '../../library/cases.ts'
import type { DefineCommand } from './command.ts'
import { exitCodeOf, explainError } from '../errors.ts'
import { Interruption } from '../interruption.ts'
import type { Io } from '../io.ts'
import { addPaceOptions, addSelectionOptions, type PaceFlags } from '../options.ts'
import { urlOrPath } from '../target-options.ts'
import { type ReachedTarget, reach } from '../../reach/reach.ts'

interface MatrixFlags extends SelectionSettings, PaceFlags {
  readonly html?: string
  readonly cases: boolean
}

/** URLs and target descriptions are played; any other argument is a report. */
const isTarget = (what: string): boolean => isUrl(what) || /\.ya?ml$/i.test(what)

const read = (what: string, io: Io): Promise<Column | Target> =>
  isTarget(what) ? loadTarget(urlOrPath(what, io), { env: io.env }) : readReport(resolve(io.cwd, what), what)

/** The cases that are played and that count in reports; undefined for all, if only reports are given and no selection. */
async function wantedCases(
  given: readonly string[],
  flags: MatrixFlags,
  io: Io,
): Promise<Case[] | undefined> {
  const isPart = [flags.only, flags.skip, flags.level].some((flag) => flag !== undefined)
  return isPart || given.some(isTarget) ? loadCases(flags, io.cwd) : undefined
}

/** The verdicts on a target; none if the target cannot be reached, which is reported on stderr. */
async function play(
  target: Target,
  cases: readonly Case[],
  { concurrency, slow, full }: MatrixFlags,
  io: Io,
  signal: AbortSignal,
): Promise<Column> {
  const name = target.redactor.text(target.name)
  io.stderr.write(`playing ${forTerminal(name)}\n`)
  const verdicts: Pick<Result, 'id' | 'verdict'>[] = []
  let reached: ReachedTarget
  try {
    reached = await reach(target, { signal, stderr: io.stderr })
  } catch (error) {
    if (!signal.aborted && exitCodeOf(error) !== exits.unjudged) throw error
    if (!signal.aborted) explainError(error, io)
    return { target: name, cases: verdicts }
  }
  try {
    const options = { target: reached.target, cases, concurrency, slow, full, signal }
    for await (const { id, verdict } of run(options)) verdicts.push({ id, verdict })
    return { target: name, cases: verdicts }
  } finally {
    await reached.close()
  }
}

async function columnsOf(given: readonly string[], flags: MatrixFlags, io: Io, signal: AbortSignal) {
  // Read everything before playing anything, so that an invalid file is reported before the first run.
  const sources = await Promise.all(given.map((what) => read(what, io)))
  const wanted = await wantedCases(given, flags, io)
  const ids = new Set(wanted?.map(({ id }) => id))
  const columns: Column[] = []
  for (const source of sources) {
    const column = source instanceof Target ? await play(source, wanted ?? [], flags, io, signal) : source
    // An interrupted run gives no column.
    if (signal.aborted) break
    const cases = column.cases.filter(({ id }) => wanted === undefined || ids.has(id))
    columns.push({ target: column.target, cases })
  }
  return columns
}

async function matrix(given: readonly string[], flags: MatrixFlags, io: Io): Promise<number> {
  const stop = new Interruption(io)
  try {
    const columns = await columnsOf(given, flags, io, stop.signal)
    const table = matrixOf(columns, flags.cases ? 'Case' : 'Chapter')
    if (flags.html !== undefined) await writeFile(resolve(io.cwd, flags.html), matrixPage(table))
    io.stdout.write(matrixMarkdown(table, cleanMarkdown))
    if (stop.signal.aborted) return exits.interrupted
    return columns.some(({ cases }) => cases.length === 0) ? exits.unjudged : exits.ok
  } finally {
    stop.dispose()
  }
}

/** Compares several servers. */
export const defineMatrix: DefineCommand = (program, { io, end }) => {
  const command = program
    .command('matrix')
    .description('compare servers in a table, in Markdown and in HTML; findings do not change the exit code')
    .argument('<targets...>', 'URLs and target descriptions (YAML), played one after another; JSON reports')
    .option('--html <file>', 'also write an HTML page')
    .option('--cases', 'one row for each case instead of each chapter', false)
  addPaceOptions(addSelectionOptions(command)).action(async (given: string[], flags: MatrixFlags) =>
    end(await matrix(given, flags, io)),
  )
}
