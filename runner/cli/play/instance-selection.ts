import { resolve } from 'node:path'

import { type Command, InvalidArgumentError, Option } from 'commander'

import { instanceName } from '../../report/result-text.ts'
import { readReport } from '../../report/read.ts'
import { repeated, untilFailure } from '../../run/repeat.ts'
import type { Result } from '../../run/result.ts'
import {
  type Durations,
  instanceKey,
  keepInstances,
  parallelVariables,
  type Shard,
  shardOfEnvironment,
  takeShard,
} from '../../run/selection/shard.ts'
import type { Case } from '../../chapters/chapter.ts'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'
import { collect, wholeNumber } from '../options.ts'

/** Which instances of the selected cases to play, and how often. */
export interface InstanceFlags {
  readonly shard?: Shard | 'auto'
  /** JSON reports with the durations of instances. */
  readonly durations?: readonly string[]
  readonly onlyFailed?: string
  readonly repeat: number
  readonly bail: boolean
}

function shardOption(text: string): Shard | 'auto' {
  if (text === 'auto') return text
  const [, index = '', of = ''] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []
  const shard = { index: Number(index), of: Number(of) }
  if (index !== '' && shard.index >= 1 && shard.index <= shard.of) return shard
  throw new InvalidArgumentError(`It must be i/n with i from 1 to n, or "auto", got "${text}".`)
}

export function addInstanceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--shard <i/n>',
        "play part i of n; auto reads the variables of the CI's parallel jobs",
      ).argParser(shardOption),
    )
    .option(
      '--durations <report>',
      'balance the shards by the durations in this JSON report (repeatable)',
      collect,
    )
    .option('--only-failed <report>', 'only instances that did not pass in this JSON report')
    .option(
      '--repeat <number>',
      'play every instance several times; a verdict that changes is inconclusive',
      wholeNumber(1, 1000),
      1,
    )
    .option('--bail', 'stop after the first failure', false)
}

/**
 * Reads the files of the flags and returns a function that keeps the requested instances, which throws UsageError if
 * none is left.
 * @throws UsageError for flags that contradict each other, ReportError for a report that cannot be read.
 */
export async function instanceFilter(
  flags: InstanceFlags,
  io: Io,
): Promise<(cases: readonly Case[]) => readonly Case[]> {
  const shard = shardOf(flags, io)
  const durations = await durationsOf(flags.durations ?? [], io)
  const failed = flags.onlyFailed === undefined ? undefined : await failedIn(flags.onlyFailed, io)
  return (cases) => {
    const wanted = failed === undefined ? cases : failed(cases)
    return shard === undefined ? wanted : takeShard(wanted, shard, durations)
  }
}

function shardOf(flags: InstanceFlags, io: Io): Shard | undefined {
  const shard = flags.shard === 'auto' ? shardOfEnvironment(io.env) : flags.shard
  if (flags.shard === 'auto' && shard === undefined)
    throw new UsageError(
      `--shard auto finds no variables of a parallel job: ${parallelVariables}; use --shard i/n`,
    )
  if (flags.durations !== undefined && shard === undefined)
    throw new UsageError('--durations needs --shard i/n: it balances shards')
  return shard
}

async function durationsOf(files: readonly string[], io: Io): Promise<Durations> {
  const reports = await Promise.all(files.map((file) => readReport(resolve(io.cwd, file), file)))
  return new Map(
    reports.flatMap(({ cases }) =>
      cases.map(({ id, instance, durationMs }) => [instanceKey(id, instance), durationMs] as const),
    ),
  )
}

async function failedIn(file: string, io: Io): Promise<(cases: readonly Case[]) => readonly Case[]> {
  const report = await readReport(resolve(io.cwd, file), file)
  const notPassed = report.cases.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skip')
  // What another instance has seen can be seen again only if that one is played too.
  const failed = new Set(notPassed.flatMap((one) => [instanceName(one), one.seenIn ?? []].flat()))
  return (cases) => {
    const left = keepInstances(cases, ({ id }, { name }) => failed.has(instanceName({ id, instance: name })))
    if (left.length > 0) return left
    throw new UsageError(`every selected instance passed in ${file}: nothing is left to play`)
  }
}

/** The results of a run that is repeated, or ends after the first failure, as the flags say. */
export function repeatedOrBailed(
  play: () => AsyncIterable<Result>,
  { repeat, bail }: InstanceFlags,
): AsyncIterable<Result> {
  const results = repeat === 1 ? play() : repeated(repeat, play)
  return bail ? untilFailure(results) : results
}
