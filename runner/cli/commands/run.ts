import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

import { Option } from 'commander'

import { Baseline } from '../../report/baseline.ts'
import { linesForTerminal } from '../../text/escape.ts'
import { reporters } from '../../report/reporters/index.ts'
import { openReporters, parseReporters } from '../../report/reporters/open.ts'
import type { AbilityNote, RunStart } from '../../report/reporter.ts'
import { exits } from '../../report/summary.ts'
import { openingsOf } from '../../run/selection/enabling-lines.ts'
import { run } from '../../run/run.ts'
import type { Case } from '../../chapters/chapter.ts'
import { needs, type Target } from '../../targets/target.ts'
import { countInstances, loadCases } from '../../library/cases.ts'
import type { DefineCommand } from './command.ts'
import { UsageError } from '../errors.ts'
import { broken, faultFor } from '../play/faults.ts'
import { Interruption } from '../interruption.ts'
import { type Io, stdoutOutput } from '../io.ts'
import { addNarrowing, guided, narrowing, type NarrowFlags } from '../play/instance-selection.ts'
import {
  addPace,
  addSelection,
  addTelling,
  durationOption,
  headerOption,
  type PaceFlags,
  repeated,
  type SelectionFlags,
  settingsOf,
  type TellingFlags,
  wholeNumber,
} from '../options.ts'
import { version } from '../../package/paths.ts'
import { type BaselineUse, playInto } from '../play/report-results.ts'
import { type Reached, reach, type ReachFlags, targetOf } from '../../reach/reach.ts'
import { addWatching, keepPlaying, watchedBy, type WatchFlags } from '../watch/watch.ts'

/** Seeds go up to here. */
const mostSeed = 2 ** 32 - 1

interface RunFlags extends SelectionFlags, ReachFlags, NarrowFlags, TellingFlags, PaceFlags, WatchFlags {
  readonly strict?: boolean
  readonly baseline?: string
  readonly updateBaseline: boolean
  readonly reporter?: readonly string[]
  readonly seed?: number
  readonly timeout?: number
  /** The name of a fault to put in front of the target. */
  readonly break?: string
}

function abilitiesOf(target: Target): AbilityNote[] {
  return needs.map((need) => {
    const { how, enable } = target.ability(need)
    return { need, how, enable }
  })
}

function startOf(
  { target, name }: Reached,
  cases: readonly Case[],
  { selected, full }: ReadFlags,
  seed: string,
): RunStart {
  return {
    target: name,
    took: target.took,
    total: countInstances(cases),
    version: version(),
    startedAt: new Date(),
    seed,
    abilities: abilitiesOf(target),
    requirements: cases.flatMap(({ instances }) => instances.flatMap(({ proves }) => proves)),
    openings: openingsOf(selected, target, full),
  }
}

/** Flags, with the files that they name read. */
interface ReadFlags extends RunFlags {
  /** What is selected, of which a shard is only a part. */
  readonly selected: readonly Case[]
  readonly use: BaselineUse | undefined
}

async function baselineOf(flags: RunFlags, io: Io): Promise<BaselineUse | undefined> {
  const { baseline: file, updateBaseline: update, only, skip, level } = flags
  if (file === undefined) return undefined
  const isPart = flags.shard !== undefined || flags.onlyFailed !== undefined || flags.bail
  const isWhole = !isPart && only === undefined && skip === undefined && level === undefined
  const baseline = await Baseline.read(resolve(io.cwd, file))
  return { baseline, isWhole, update, say: (line) => void io.stderr.write(`${linesForTerminal(line)}\n`) }
}

async function playOn(
  reached: Reached,
  cases: readonly Case[],
  flags: ReadFlags,
  io: Io,
  stop: Interruption,
) {
  const seed = String(flags.seed ?? randomInt(mostSeed))
  const { target } = reached
  const reporter = openReporters(parseReporters(flags.reporter ?? []), {
    stdout: stdoutOutput(io, flags.color),
    cwd: io.cwd,
    settings: settingsOf(flags),
  })
  const { concurrency, slow, full } = flags
  const results = () => run({ target, cases, concurrency, slow, seed, full, signal: stop.signal })
  return playInto(guided(results, flags), {
    start: startOf(reached, cases, flags, seed),
    reporter,
    strict: flags.strict === true,
    redactor: target.redactor,
    stop,
    baseline: flags.use,
  })
}

/** What stops a run before its first case: then nothing was judged, and there is no report. */
function endedEarly(stop: Interruption, error: unknown): number {
  if (stop.ending === 'interrupted') return exits.interrupted
  if (stop.ending === 'timed out') return exits.unjudged
  throw error
}

async function reachAndPlay(
  target: Target | undefined,
  cases: readonly Case[],
  flags: ReadFlags,
  io: Io,
  stop: Interruption,
) {
  const fault = faultFor(target?.name, flags.break)
  let reached: Reached
  try {
    reached = await reach(target, { ...flags, reference: fault?.reference ?? {} }, io, stop.signal)
  } catch (error) {
    return endedEarly(stop, error)
  }
  try {
    if (fault !== undefined) reached = await broken(reached, fault, io)
    return await playOn(reached, cases, flags, io, stop)
  } finally {
    await reached.close()
  }
}

/** Throws UsageError or ReportError for flags that do not fit together. */
function checkFlags(what: string | undefined, flags: RunFlags): void {
  parseReporters(flags.reporter ?? [])
  if (flags.updateBaseline && flags.baseline === undefined)
    throw new UsageError('--update-baseline needs --baseline <file>')
  faultFor(what, flags.break)
  if (what === undefined && flags.start !== undefined)
    throw new UsageError('--start needs a target: the URL at which the server answers')
}

/** `signal` may abort before there is anything to interrupt; what is being played ends by itself. */
async function playOnce(
  what: string | undefined,
  flags: RunFlags,
  io: Io,
  signal?: AbortSignal,
): Promise<number> {
  const target = what === undefined ? undefined : await targetOf(what, flags, io)
  const narrow = await narrowing(flags, io)
  const selected = await loadCases(flags, io)
  const cases = narrow(selected)
  const use = await baselineOf(flags, io)
  if (signal?.aborted === true) return exits.interrupted
  const stop = new Interruption(io, flags.timeout)
  try {
    return await reachAndPlay(target, cases, { ...flags, use, selected }, io, stop)
  } finally {
    stop.dispose()
  }
}

async function play(what: string | undefined, flags: RunFlags, io: Io): Promise<number> {
  checkFlags(what, flags)
  const watched = watchedBy(what, flags, io)
  if (watched === undefined) return playOnce(what, flags, io)
  return keepPlaying((signal) => playOnce(what, flags, io, signal), watched, io)
}

/** The description that `init` writes, where the command is run. */
const usualFile = 'pushspec.yaml'
const discovered = (io: Io): string | undefined =>
  existsSync(resolve(io.cwd, usualFile)) ? usualFile : undefined

export const defineRun: DefineCommand = (program, { io, end }) => {
  const command = program
    .command('run', { isDefault: true })
    .description(
      'play the cases against a server; without a target, against that of pushspec.yaml, or else the reference server',
    )
    .argument('[target]', 'a URL (http, https, ws, wss) or a target description (YAML)')
  addWatching(addTelling(addPace(addNarrowing(addSelection(command)))))
    .option('--strict', 'a warning counts as a failure')
    .option('--baseline <file>', 'known failures (YAML): they do not count; entries that are not needed do')
    .option('--update-baseline', 'take entries that are not needed out of the baseline', false)
    .option(
      '--reporter <name[=file]>',
      `${reporters.map((one) => one.name).join(', ')}; to stdout or into a file (repeatable)`,
      repeated,
    )
    .option('--seed <number>', 'makes what is random come out the same', wholeNumber(0, mostSeed))
    .option('--break <fault>', 'put a fault in front of the server: shows what a finding looks like')
    .option(
      '--timeout <duration>',
      'for the whole run: what is not played then stays unjudged',
      durationOption,
    )
    .addOption(
      new Option(
        '-H, --header <field>',
        `header field for every request, 'name: value' (repeatable)`,
      ).argParser(headerOption),
    )
    .option('--insecure', 'do not check the certificate of the target')
    .option('--ca <file>', 'certificates to trust (PEM)')
    .option('--start <command>', 'start the server with this command, and stop it afterwards')
    .option('--ready <path>', 'the server is ready when this answers 2xx (default: when its port answers)')
    .action(async (what: string | undefined, flags: RunFlags) =>
      end(await play(what ?? discovered(io), flags, io)),
    )
}
