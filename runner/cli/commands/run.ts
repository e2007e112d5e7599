import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

import type { Command } from 'commander'

import type { Fault } from '../../../fixtures/faults/proxy/fault.ts'
import type { Case } from '../../chapters/chapter.ts'
import { nearest } from '../../documents/nearest.ts'
import { countInstances, loadCases, type SelectionSettings } from '../../library/cases.ts'
import { version } from '../../package/paths.ts'
import { type ReachedTarget, reach } from '../../reach/reach.ts'
import { reachReferenceServer } from '../../reach/reference-server.ts'
import { Baseline } from '../../report/baseline.ts'
import type { AbilityNote, RunStart } from '../../report/reporter.ts'
import { reporters } from '../../report/reporters/index.ts'
import { openReporters, parseReporters, type RequestedReport } from '../../report/reporters/outputs.ts'
import { exits } from '../../report/summary.ts'
import { run } from '../../run/run.ts'
import { openingsOf } from '../../run/selection/enabling-lines.ts'
import { isUrl, loadTarget, type LoadOptions } from '../../targets/load.ts'
import { needs, type Target } from '../../targets/target.ts'
import { linesForTerminal } from '../../text/escape.ts'
import { UsageError } from '../errors.ts'
import { Interruption } from '../interruption.ts'
import { type Io, stdoutOutput } from '../io.ts'
import {
  addPaceOptions,
  addSelectionOptions,
  addVerbosityOptions,
  durationOption,
  type PaceFlags,
  collect,
  reportSettings,
  type VerbosityFlags,
  wholeNumber,
} from '../options.ts'
import { applicableFault, putBehindFault } from '../play/faults.ts'
import {
  addInstanceOptions,
  repeatedOrBailed,
  instanceFilter,
  type InstanceFlags,
} from '../play/instance-selection.ts'
import { type BaselineUse, reportResults } from '../play/report-results.ts'
import {
  addConnectionOptions,
  addStartOptions,
  type ConnectionFlags,
  loadOptions,
  type StartFlags,
  urlOrPath,
} from '../target-options.ts'
import { addWatchOptions, playOnEachChange, watchedPaths, type WatchFlags } from '../watch/watch.ts'
import type { DefineCommand } from './command.ts'

/** The largest seed. */
const maxSeed = 2 ** 32 - 1

interface RunFlags
  extends
    SelectionSettings,
    ConnectionFlags,
    StartFlags,
    InstanceFlags,
    VerbosityFlags,
    PaceFlags,
    WatchFlags {
  readonly strict?: boolean
  readonly baseline?: string
  readonly updateBaseline: boolean
  readonly reporter?: readonly string[]
  readonly seed?: number
  readonly timeout?: number
  /** The name of a fault to add to the target. */
  readonly break?: string
}

/** The checked command line; `--watch` may play it several times. */
interface RunRequest {
  /** A URL or the path of a description; undefined for the reference server. */
  readonly what: string | undefined
  readonly flags: RunFlags
  readonly reporters: readonly RequestedReport[]
  readonly fault: Fault | undefined
}

/** A request with its files read. */
interface PreparedRun extends RunRequest {
  readonly loadOptions: LoadOptions
  /** Undefined for the reference server. */
  readonly target: Target | undefined
  /** The selected cases. */
  readonly selected: readonly Case[]
  /** The part of them that is played, for example a shard. */
  readonly cases: readonly Case[]
  readonly baseline: BaselineUse | undefined
}

/** @throws UsageError or ReportError for flags that contradict each other. */
function checked(what: string | undefined, flags: RunFlags): RunRequest {
  const request = {
    what,
    flags,
    reporters: parseReporters(flags.reporter ?? []),
    fault: applicableFault(what, flags.break),
  }
  if (flags.updateBaseline && flags.baseline === undefined)
    throw new UsageError('--update-baseline needs --baseline <file>')
  if (what === undefined && flags.start !== undefined)
    throw new UsageError('--start needs a target: the URL of the server')
  return request
}

async function prepare(request: RunRequest, io: Io): Promise<PreparedRun> {
  const { what, flags } = request
  const options = loadOptions(flags, io)
  const target = what === undefined ? undefined : await loadTarget(urlOrPath(what, io), options)
  const narrow = await instanceFilter(flags, io)
  const selected = await loadCases(flags, io.cwd)
  const cases = narrow(selected)
  const baseline = await baselineOf(flags, io)
  return { ...request, loadOptions: options, target, selected, cases, baseline }
}

async function baselineOf(flags: RunFlags, io: Io): Promise<BaselineUse | undefined> {
  const { baseline: file, updateBaseline: update, only, skip, level } = flags
  if (file === undefined) return undefined
  const isPart = flags.shard !== undefined || flags.onlyFailed !== undefined || flags.bail
  const isWhole = !isPart && only === undefined && skip === undefined && level === undefined
  const baseline = await Baseline.read(resolve(io.cwd, file))
  return { baseline, isWhole, update, say: (line) => void io.stderr.write(`${linesForTerminal(line)}\n`) }
}

function reachPrepared(
  { target, fault, flags, loadOptions: options }: PreparedRun,
  io: Io,
  signal: AbortSignal,
): Promise<ReachedTarget> {
  if (target === undefined) return reachReferenceServer(options, fault?.reference)
  return reach(target, { signal, stderr: io.stderr, verbose: flags.verbose === true })
}

function startOf(
  { target, name }: ReachedTarget,
  { cases, selected, flags }: PreparedRun,
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
    openings: openingsOf(selected, target, flags.full),
  }
}

function abilitiesOf(target: Target): AbilityNote[] {
  return needs.map((need) => {
    const { how, enable } = target.ability(need)
    return { need, how, enable }
  })
}

async function playOn(
  reached: ReachedTarget,
  prepared: PreparedRun,
  io: Io,
  stop: Interruption,
): Promise<number> {
  const { flags, cases, baseline } = prepared
  const { concurrency, slow, full } = flags
  const { target } = reached
  const seed = String(flags.seed ?? randomInt(maxSeed))
  const reporter = openReporters(prepared.reporters, {
    stdout: stdoutOutput(io, flags.color),
    cwd: io.cwd,
    settings: reportSettings(flags),
  })
  const results = () => run({ target, cases, concurrency, slow, seed, full, signal: stop.signal })
  return reportResults(repeatedOrBailed(results, flags), {
    start: startOf(reached, prepared, seed),
    reporter,
    strict: flags.strict === true,
    redactor: target.redactor,
    stop,
    baseline,
  })
}

/** The exit code of a run that ended before its first case: nothing was judged, and no report is written. */
function endedEarly(stop: Interruption, error: unknown): number {
  if (stop.status === 'interrupted') return exits.interrupted
  if (stop.status === 'timed out') return exits.unjudged
  throw error
}

async function reachAndPlay(prepared: PreparedRun, io: Io, stop: Interruption): Promise<number> {
  let reached: ReachedTarget
  try {
    reached = await reachPrepared(prepared, io, stop.signal)
  } catch (error) {
    return endedEarly(stop, error)
  }
  try {
    if (prepared.fault !== undefined) reached = await putBehindFault(reached, prepared.fault, io)
    return await playOn(reached, prepared, io, stop)
  } finally {
    await reached.close()
  }
}

/** Does not begin if `signal` has aborted. A run that has begun ends with a signal to the process. */
async function playOnce(request: RunRequest, io: Io, signal?: AbortSignal): Promise<number> {
  const prepared = await prepare(request, io)
  if (signal?.aborted === true) return exits.interrupted
  const stop = new Interruption(io, request.flags.timeout)
  try {
    return await reachAndPlay(prepared, io, stop)
  } finally {
    stop.dispose()
  }
}

/** The files that the command itself writes. */
const writtenBy = ({ reporters: wanted, flags }: RunRequest): string[] => [
  ...wanted.flatMap(({ file }) => file ?? []),
  ...(flags.baseline !== undefined && flags.updateBaseline ? [flags.baseline] : []),
]

async function play(what: string | undefined, flags: RunFlags, io: Io): Promise<number> {
  const request = checked(what, flags)
  const watched = watchedPaths(what, flags, writtenBy(request), io)
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
  const hint = nearest(what, commands)
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
