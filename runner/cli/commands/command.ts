import type { Command } from 'commander'

import type { Io } from '../io.ts'

/** What a command works with. */
export interface CommandContext {
  readonly io: Io
  /** Takes the exit code of the command that was chosen. */
  readonly end: (code: number) => void
}

/** Adds one command, with its options and what it does, to the program. */
export type DefineCommand = (program: Command, context: CommandContext) => void
