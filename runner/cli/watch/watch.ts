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
      'also when something in this folder changes: the sources of a started server (repeatable)',
      collect,
    )

/** Flags that name files. */
interface FileFlags extends WatchFlags {
  readonly specs?: readonly string[]
}

/** What is watched for these flags; undefined when they do not ask for it. Throws UsageError when there is nothing. */
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
  if (missing !== undefined) throw new UsageError(`--watch-path: there is no ${missing}`)
  const description = what === undefined || isUrl(what) ? [] : [what]
  const paths = [...description, ...specs, ...watchPath].map(absolute)
  if (paths.length === 0)
    throw new UsageError(
      '--watch finds nothing that could change: give a target description (YAML), --specs, or --watch-path <folder>',
    )
  return { paths, ignored: written.map(absolute) }
}

const clearScreen = '\u001b[2J\u001b[3J\u001b[H'

/** Plays once; `signal` says that it is not wanted any more. */
type Play = (signal: AbortSignal) => Promise<number>

/** Plays now, and again after each change, until it is interrupted; never two at a time. */
export async function playOnEachChange(play: Play, watched: Watched, io: Io): Promise<number> {
  const changes = new FileChanges(watched)
  const stop = new Interruption(io)
  try {
    for (;;) {
      await playOrExplain(() => play(stop.signal), io)
      if (stop.signal.aborted) return exits.interrupted
      io.stderr.write('waiting for a change, Ctrl-C ends\n')
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

/** A mistake, or a server that does not start, is said; the next change may mend it. */
async function playOrExplain(play: () => Promise<number>, io: Io): Promise<void> {
  try {
    await play()
  } catch (error) {
    if (exitCodeOf(error) === exits.defect) throw error
    explainError(error, io)
  }
}
