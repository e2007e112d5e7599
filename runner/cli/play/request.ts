import { resolve } from 'node:path'

import type { Fault } from '../../../fixtures/proxy/variant.ts'
import type { Case } from '../../chapters/chapter.ts'
import { loadCases, type SelectionSettings } from '../../library/cases.ts'
import { Baseline } from '../../report/baseline.ts'
import { parseReporters, type RequestedReport } from '../../report/reporters/outputs.ts'
import { loadTarget, type LoadOptions } from '../../targets/load.ts'
import type { Target } from '../../targets/target.ts'
import { linesForTerminal } from '../../text/escape.ts'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'
import type { PaceFlags, VerbosityFlags } from '../options.ts'
import { type ConnectionFlags, loadOptions, type StartFlags, urlOrPath } from '../target-options.ts'
import { applicableFault } from './faults.ts'
import { instanceFilter, type InstanceFlags } from './instance-selection.ts'
import type { BaselineUse } from './report-results.ts'

/** What to play, and how to report it. */
export interface PlayFlags
  extends SelectionSettings, ConnectionFlags, StartFlags, InstanceFlags, VerbosityFlags, PaceFlags {
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
export interface PlayRequest {
  /** A URL or the path of a description; undefined for the reference server. */
  readonly what: string | undefined
  readonly flags: PlayFlags
  readonly reporters: readonly RequestedReport[]
  readonly fault: Fault | undefined
}

/** A request with its files read. */
export interface PreparedPlay extends PlayRequest {
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
export function checkedRequest(what: string | undefined, flags: PlayFlags): PlayRequest {
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

/** The files that the command itself writes. */
export const writtenFiles = ({ reporters: wanted, flags }: PlayRequest): string[] => [
  ...wanted.flatMap(({ file }) => file ?? []),
  ...(flags.baseline !== undefined && flags.updateBaseline ? [flags.baseline] : []),
]

/** @throws InputError, UsageError, ReportError or SelectionError for an invalid file or selection. */
export async function prepare(request: PlayRequest, io: Io): Promise<PreparedPlay> {
  const { what, flags } = request
  const options = loadOptions(flags, io)
  const target = what === undefined ? undefined : await loadTarget(urlOrPath(what, io), options)
  const narrow = await instanceFilter(flags, io)
  const selected = await loadCases(flags, io.cwd)
  const cases = narrow(selected)
  const baseline = await baselineOf(flags, io)
  return { ...request, loadOptions: options, target, selected, cases, baseline }
}

async function baselineOf(flags: PlayFlags, io: Io): Promise<BaselineUse | undefined> {
  const { baseline: file, updateBaseline: update, only, skip, level } = flags
  if (file === undefined) return undefined
  const isPart = flags.shard !== undefined || flags.onlyFailed !== undefined || flags.bail
  const isWhole = !isPart && only === undefined && skip === undefined && level === undefined
  const baseline = await Baseline.read(resolve(io.cwd, file))
  return { baseline, isWhole, update, say: (line) => void io.stderr.write(`${linesForTerminal(line)}\n`) }
}
