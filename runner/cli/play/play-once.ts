import { randomInt } from 'node:crypto'

import { countInstances } from '../../library/cases.ts'
import { version } from '../../package/paths.ts'
import { type ReachedTarget, reach } from '../../reach/reach.ts'
import { reachReferenceServer } from '../../reach/reference-server.ts'
import type { AbilityNote, RunStart } from '../../report/reporter.ts'
import { openReporters } from '../../report/reporters/outputs.ts'
import { exits } from '../../report/summary.ts'
import { run } from '../../run/run.ts'
import { enablingLinesOf } from '../../run/selection/enabling-lines.ts'
import { needs } from '../../targets/description/needs.ts'
import type { Target } from '../../targets/target.ts'
import { Interruption } from '../interruption.ts'
import { type Io, stdoutOutput } from '../io.ts'
import { reportSettings } from '../options.ts'
import { putBehindFault } from './faults.ts'
import { repeatedOrBailed } from './instance-selection.ts'
import { reportResults } from './report-results.ts'
import { type PlayRequest, prepare, type PreparedPlay } from './request.ts'

/** The largest seed. */
export const maxSeed = 2 ** 32 - 1

/**
 * Plays the cases and returns the exit code.
 * Does not begin if `signal` has aborted. A run that has begun ends with a signal to the process.
 */
export async function playOnce(request: PlayRequest, io: Io, signal?: AbortSignal): Promise<number> {
  const prepared = await prepare(request, io)
  if (signal?.aborted === true) return exits.interrupted
  const stop = new Interruption(io, request.flags.timeout)
  try {
    return await reachAndPlay(prepared, io, stop)
  } finally {
    stop.dispose()
  }
}

async function reachAndPlay(prepared: PreparedPlay, io: Io, stop: Interruption): Promise<number> {
  let reached: ReachedTarget
  try {
    reached = await reachPrepared(prepared, io, stop.signal)
  } catch (error) {
    return endedEarly(stop, error)
  }
  try {
    if (prepared.fault !== undefined) reached = await putBehindFault(reached, prepared.fault, io)
    return await playReached(reached, prepared, io, stop)
  } finally {
    await reached.close()
  }
}

/** The exit code of a run that ended before its first case: nothing was judged, and no report is written. */
function endedEarly(stop: Interruption, error: unknown): number {
  if (stop.status === 'interrupted') return exits.interrupted
  if (stop.status === 'timed out') return exits.unjudged
  throw error
}

function reachPrepared(
  { target, fault, flags, loadOptions: options }: PreparedPlay,
  io: Io,
  signal: AbortSignal,
): Promise<ReachedTarget> {
  if (target === undefined) return reachReferenceServer(options, fault?.reference)
  return reach(target, { signal, stderr: io.stderr, verbose: flags.verbose === true })
}

function runStart(
  { target, name }: ReachedTarget,
  { cases, selected, flags }: PreparedPlay,
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
    openings: enablingLinesOf(selected, target, flags.full),
  }
}

function abilitiesOf(target: Target): AbilityNote[] {
  return needs.map((need) => {
    const { how, enable } = target.ability(need)
    return { need, how, enable }
  })
}

async function playReached(
  reached: ReachedTarget,
  prepared: PreparedPlay,
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
    start: runStart(reached, prepared, seed),
    reporter,
    strict: flags.strict === true,
    redactor: target.redactor,
    stop,
    baseline,
  })
}
