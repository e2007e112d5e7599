import { resolve } from 'node:path'

import { openReporters, parseReporters } from '../../report/reporters/outputs.ts'
import { readReport } from '../../report/read.ts'
import { replay } from '../../report/replay.ts'
import type { DefineCommand } from './command.ts'
import { type Io, stdoutOutput } from '../io.ts'
import { addVerbosityOptions, collect, reportSettings, type VerbosityFlags } from '../options.ts'

interface MergeFlags extends VerbosityFlags {
  readonly reporter?: readonly string[]
  readonly strict?: boolean
}

const read = (file: string, io: Io) => readReport(resolve(io.cwd, file), file)

async function merge(files: readonly [string, ...string[]], flags: MergeFlags, io: Io): Promise<number> {
  const wanted = parseReporters(flags.reporter ?? [])
  const [first, ...others] = files
  const reports = [
    await read(first, io),
    ...(await Promise.all(others.map((file) => read(file, io)))),
  ] as const
  const reporter = openReporters(wanted, {
    stdout: stdoutOutput(io, flags.color),
    cwd: io.cwd,
    settings: reportSettings(flags),
  })
  return replay(reports, reporter, flags.strict === true)
}

/** Merges reports of shards or of several runs. */
export const defineMerge: DefineCommand = (program, { io, end }) => {
  const command = program
    .command('merge')
    .description('merge JSON reports, for example of shards, and write them with any reporter')
    .argument('<report>', 'a JSON report')
    .argument('[reports...]', 'more JSON reports; of two results for one instance the last counts')
    .option('--reporter <name[=file]>', 'as for run (repeatable)', collect)
    .option('--strict', 'a warning counts as a failure')
  addVerbosityOptions(command).action(async (file: string, files: string[], flags: MergeFlags) =>
    end(await merge([file, ...files], flags, io)),
  )
}
