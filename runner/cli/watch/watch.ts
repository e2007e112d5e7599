import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'

import type { Command } from 'commander'

import { forTerminal } from '../../text/escape.ts'
import { exits } from '../../report/summary.ts'
import { isUrl } from '../../targets/load.ts'
import { FileChanges, type Watched } from './file-changes.ts'
import { exitCodeOf, explainError, UsageError } from '../errors.ts'
import { Interruption } from '../interruption.ts'
import { type Io, stdoutOutput } from '../io.ts'
import { collect } from '../options.ts'

export interface WatchFlags {
  readonly watch: boolean
  readonly watchPath?: readonly string[]
}

export const addWatchOptions = (command: Command): Command =>
  command
    .option('--watch', 'play again when the target description or a chapter of --specs changes', false)
    .option(
      '--watch-path <path>',
      'also play again when a file in this folder changes, for example a source of a started server (repeatable)',
      collect,
    )

/** Flags that name files. */
interface FileFlags extends WatchFlags {
  readonly specs?: readonly string[]
}

/**
 * The paths to watch, without the files in `written`; undefined without --watch and --watch-path.
 * @throws UsageError if there is nothing to watch.
 */
export function watchedPaths(
  what: string | undefined,
  flags: FileFlags,
  written: readonly string[],
  io: Pick<Io, 'cwd'>,
): Watched | undefined {
  const { watchPath = [], specs = [] } = flags
  if (!flags.watch && watchPath.length === 0) return undefined
  const absolute = (path: string): string => resolve(io.cwd, path)
  const missing = watchPath.find((path) => !existsSync(absolute(path)))
  if (missing !== undefined) throw new UsageError(`--watch-path: ${missing} does not exist`)
  const description = what === undefined || isUrl(what) ? [] : [what]
  const paths = [...description, ...specs, ...watchPath].map(absolute)
  if (paths.length === 0)
    throw new UsageError(
      '--watch has no files to watch: give a target description (YAML), --specs, or --watch-path <folder>',
    )
  return { paths, ignored: written.map(absolute) }
}

const clearScreen = '\u001b[2J\u001b[3J\u001b[H'

/** Plays once; does not begin if `signal` has aborted. */
type Play = (signal: AbortSignal) => Promise<number>

/** Plays now and after each change until it is interrupted; one run at a time. */
export async function playOnEachChange(play: Play, watched: Watched, io: Io): Promise<number> {
  const changes = new FileChanges(watched)
  const stop = new Interruption(io)
  try {
    for (;;) {
      await playOrExplain(() => play(stop.signal), io)
      if (stop.signal.aborted) return exits.interrupted
      io.stderr.write('waiting for a change (Ctrl-C stops)\n')
      const changed = await changes.next(stop.signal)
      if (stop.signal.aborted) return exits.interrupted
      if (stdoutOutput(io, false).isTTY) io.stdout.write(clearScreen)
      const names = changed.map((path) => forTerminal(relative(io.cwd, path)))
      io.stderr.write(`changed: ${names.join(', ')}\n`)
    }
  } finally {
    changes.close()
    stop.dispose()
  }
}

/** Reports an error that the next change may fix, for example a server that does not start. */
async function playOrExplain(play: () => Promise<number>, io: Io): Promise<void> {
  try {
    await play()
  } catch (error) {
    if (exitCodeOf(error) === exits.defect) throw error
    explainError(error, io)
  }
}
