import type { Command } from 'commander'

import type { Io } from '../io.ts'

/** The environment of a command. */
export interface CommandContext {
  readonly io: Io
  /** Receives the exit code of the command. */
  readonly end: (code: number) => void
}

/** Adds one command with its options and action to the program. */
export type DefineCommand = (program: Command, context: CommandContext) => void
