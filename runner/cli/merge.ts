import { resolve } from 'node:path'

import { openReporters, parseReporters } from '../report/open.ts'
import { readReport } from '../report/read-report.ts'
import { replay } from '../report/replay.ts'
import type { DefineCommand } from './command.ts'
import { type Io, stdoutOutput } from './io.ts'
import { repeated } from './options.ts'

interface MergeFlags {
  readonly reporter?: readonly string[]
  readonly strict?: boolean
  readonly verbose?: boolean
  readonly color: boolean
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
    settings: { verbose: flags.verbose === true },
  })
  return replay(reports, reporter, flags.strict === true)
}

/** Reports of shards, or of runs at different times, as one. */
export const defineMerge: DefineCommand = (program, { io, end }) => {
  program
    .command('merge')
    .description('join JSON reports (of shards) and write them with any reporter')
    .argument('<report>', 'a JSON report')
    .argument('[reports...]', 'more of them; of two results for one instance the last counts')
    .option('--reporter <name[=file]>', 'as for run (repeatable)', repeated)
    .option('--strict', 'a warning counts as a failure')
    .option('--verbose', 'name every case, not only findings')
    .option('--no-color', 'no colours')
    .action(async (file: string, files: string[], flags: MergeFlags) =>
      end(await merge([file, ...files], flags, io)),
    )
}
