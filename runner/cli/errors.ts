import { CommanderError } from 'commander'
import { linesForTerminal } from '../text/escape.ts'
import { ReportError } from '../report/errors.ts'
import { exits } from '../report/summary.ts'
import { SelectionError } from '../run/selection/select.ts'
import { InputError } from '../documents/problems.ts'
import { HookFailed } from '../targets/errors/hook-failed.ts'
import { UnexpectedResponse } from '../targets/errors/unexpected-response.ts'
import { Unreachable } from '../targets/errors/unreachable.ts'
import type { Io } from './io.ts'

/** The command line asks for something impossible; the message says what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const usage = [InputError, SelectionError, UsageError, ReportError]
const unjudged = [Unreachable, UnexpectedResponse, HookFailed]

/** The exit code for `error`. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exits.ok : exits.usage
  if (usage.some((kind) => error instanceof kind)) return exits.usage
  if (unjudged.some((kind) => error instanceof kind)) return exits.unjudged
  return exits.defect
}

function defect(error: unknown, io: Io): string {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const trace =
    (io.env['PUSHSPEC_DEBUG'] ?? '') === '' || !(error instanceof Error) ? '' : `\n${error.stack ?? ''}`
  return `${what.replaceAll(/\s*\n\s*/g, ' ')}\nthis is a defect of pushspec, please report it (PUSHSPEC_DEBUG=1 shows the stack)${trace}`
}

/** Writes the message of `error` to stderr and returns the exit code. */
export function explainError(error: unknown, io: Io): number {
  const code = exitCodeOf(error)
  // Commander has written its own message.
  if (error instanceof CommanderError) return code
  const text =
    code === exits.defect ? defect(error, io) : error instanceof Error ? error.message : String(error)
  io.stderr.write(`${linesForTerminal(text)}\n`)
  return code
}
