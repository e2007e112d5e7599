import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { reporters } from '../../report/reporters/index.ts'
import type { DefineCommand } from './command.ts'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'
import {
  durationOption,
  wholeNumber,
  addPaceOptions,
  addSelectionOptions,
  addVerbosityOptions,
  collect,
} from '../options.ts'
import { type WatchFlags, addWatchOptions, playOnEachChange, watchedPaths } from '../watch/watch.ts'
import { didYouMean } from '../../documents/did-you-mean.ts'
import { isUrl } from '../../targets/load.ts'
import { addConnectionOptions, addStartOptions } from '../target-options.ts'
import { addInstanceOptions } from '../play/instance-selection.ts'
import { maxSeed, playOnce } from '../play/play-once.ts'
import { checkedRequest, type PlayFlags, writtenFiles } from '../play/request.ts'
import type { Command } from 'commander'

interface RunFlags extends PlayFlags, WatchFlags {}

async function play(what: string | undefined, flags: RunFlags, io: Io): Promise<number> {
  const request = checkedRequest(what, flags)
  const watched = watchedPaths(what, flags, writtenFiles(request), io)
  if (watched === undefined) return playOnce(request, io)
  return playOnEachChange((signal) => playOnce(request, io, signal), watched, io)
}

/** @throws UsageError for a target that looks like a mistyped command. */
function assertNoCommand(what: string, program: Command, io: Io): void {
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .map((one) => one.name())
  if (isUrl(what) || existsSync(resolve(io.cwd, what)) || commands.includes(what)) return
  const hint = didYouMean(what, commands)
  if (hint !== '') throw new UsageError(`there is no command "${what}"${hint} and no file of that name`)
}

/** The file that `init` writes into the working directory. */
const defaultDescription = 'pushspec.yaml'
const defaultTarget = (io: Io): string | undefined =>
  existsSync(resolve(io.cwd, defaultDescription)) ? defaultDescription : undefined

export const defineRun: DefineCommand = (program, { io, end }) => {
  const command = program
    .command('run', { isDefault: true })
    .description(
      'play the cases against a server; default: the target in pushspec.yaml, or else the reference server',
    )
    .argument('[target]', 'a URL (http, https, ws, wss) or a target description (YAML)')
  addWatchOptions(addVerbosityOptions(addPaceOptions(addInstanceOptions(addSelectionOptions(command)))))
    .option('--strict', 'a warning counts as a failure')
    .option(
      '--baseline <file>',
      'known failures (YAML) do not count; an entry that is not needed counts as a failure',
    )
    .option('--update-baseline', 'remove entries that are not needed from the baseline', false)
    .option(
      '--reporter <name[=file]>',
      `${reporters.map((one) => one.name).join(', ')}; to stdout or to a file (repeatable)`,
      collect,
    )
    .option('--seed <number>', 'repeat the random choices of a run with this seed', wholeNumber(0, maxSeed))
    .option('--break <fault>', 'add a fault to the server, to see what a finding looks like')
    .option(
      '--timeout <duration>',
      'end the run after this time; the remaining cases stay unjudged',
      durationOption,
    )
  addStartOptions(addConnectionOptions(command)).action(async (what: string | undefined, flags: RunFlags) => {
    if (what !== undefined) assertNoCommand(what, program, io)
    end(await play(what ?? defaultTarget(io), flags, io))
  })
}
