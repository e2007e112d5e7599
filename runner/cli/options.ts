import { type Command, InvalidArgumentError, Option } from 'commander'

import type { Level } from '../chapters/chapter.ts'
import { milliseconds } from '../documents/duration.ts'
import type { ReportSettings } from '../report/reporter.ts'

/** Values of `--level`. */
const levels = ['MUST', 'SHOULD', 'MAY'] as const

function invalidArgument(what: string, text: string): InvalidArgumentError {
  return new InvalidArgumentError(`It must be ${what}, got "${text}".`)
}

/** A parser for whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw invalidArgument(`a whole number from ${least} to ${most}`, text)
  }
}

/** A parser for decimal numbers from `least` to `most`. */
export function decimal(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw invalidArgument(`a number from ${least} to ${most}`, text)
  }
}

/** Maximum delay of a timer in Node, in milliseconds. */
const maxTimerMs = 2 ** 31 - 1

/** Parses a duration such as `400ms`, `25s` or `2m` to milliseconds; zero is invalid. */
export function durationOption(text: string): number {
  const number = /^[0-9]+(\.[0-9]+)?(ms|s|m)$/.test(text) ? milliseconds(text) : 0
  if (number > 0 && number <= maxTimerMs) return number
  throw invalidArgument('a duration such as 400ms, 25s or 2m', text)
}

function levelOption(text: string): Level {
  const level = levels.find((one) => one === text.toUpperCase())
  if (level === undefined) throw invalidArgument('MUST, SHOULD or MAY', text)
  return level
}

/** Parses `name: value` and adds it to those before; the name is a token (RFC 9110 section 5.6.2). */
export function headerOption(
  text: string,
  before: readonly (readonly [string, string])[] = [],
): (readonly [string, string])[] {
  const [, name, value] = /^([!#$%&'*+\-.^_`|~\dA-Za-z]+):[ \t]*([^\r\n\0]*)$/.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw invalidArgument(`a header field as 'name: value'`, text)
  return [...before, [name, value.trimEnd()]]
}

/** Collects the values of an option that may be repeated. */
export const collect = (text: string, before: readonly string[] = []): string[] => [...before, text]

/** Collects the values of an option that may be repeated and may list several values with commas. */
function listOption(text: string, before: readonly string[] = []): string[] {
  const members = text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
  if (members.length === 0)
    throw invalidArgument('an address such as websocket/closing, or several with commas', text)
  return [...before, ...members]
}

/** Concurrency and time-outs of a run, and whether it plays slow cases. */
export interface PaceFlags {
  readonly concurrency: number
  readonly slow: number
  readonly full: boolean
}

export const addPaceOptions = (command: Command): Command =>
  command
    .option(
      '--concurrency <number>',
      'number of instances that are played concurrently',
      wholeNumber(1, 1000),
      64,
    )
    .option('--slow <factor>', 'multiply every time-out by this factor', decimal(0.1, 100), 1)
    .option('--full', 'also play the cases that take long', false)

/** How much the terminal report shows; the same in every command that writes reports. */
export interface VerbosityFlags {
  readonly verbose?: boolean
  readonly quiet?: boolean
  /** False with `--no-color`. */
  readonly color: boolean
}

export const addVerbosityOptions = (command: Command): Command =>
  command
    .option('--verbose', 'list every case, not only findings; show the output of a started server')
    .addOption(new Option('--quiet', 'show only findings and a summary line').conflicts('verbose'))
    .option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR work too)')

export const reportSettings = ({ verbose, quiet }: VerbosityFlags): ReportSettings => ({
  verbose: verbose === true,
  quiet: quiet === true,
})

/** The options of `SelectionSettings`; the same in every command that takes a selection. */
export function addSelectionOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--only <address>',
        'only cases whose address starts with this (repeatable, commas)',
      ).argParser(listOption),
    )
    .addOption(
      new Option(
        '--skip <address>',
        'leave out cases whose address starts with this (repeatable, commas)',
      ).argParser(listOption),
    )
    .addOption(
      new Option('--level <level>', 'only this level and stricter levels: MUST, SHOULD, MAY').argParser(
        levelOption,
      ),
    )
    .addOption(
      new Option('--specs <folder>', 'add your own chapters from this folder (repeatable)').argParser(
        collect,
      ),
    )
}
