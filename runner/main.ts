import { Command } from 'commander'

import { commands } from './cli/commands/index.ts'
import { explainError } from './cli/errors.ts'
import { type Io, processIo } from './cli/io.ts'
import { version } from './package/paths.ts'

const exitHelp = `
Exit codes:
  0    nothing failed
  1    a case failed (or warned, with --strict)
  2    invalid command line or input file
  3    nothing failed, but not everything could be judged
  70   a defect of pushspec itself
  130  interrupted; the report so far is written`

function programFor(io: Io, end: (code: number) => void): Command {
  const program = new Command('pushspec')
    .description(
      'Protocol conformance tests for servers that push data: HTTP polling, long-polling, SSE, WebSocket',
    )
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', exitHelp)
  for (const define of commands) define(program, { io, end })
  return program
}

/**
 * Runs one command line (without `node` and the script) and returns the exit code. Never throws and never ends the
 * process; errors are written to stderr.
 */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  let code = 0
  try {
    await programFor(io, (ended) => (code = ended)).parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    return explainError(error, io)
  }
}
