import { type Command, InvalidArgumentError, Option } from 'commander'

import type { Level } from '../chapters/chapter.ts'
import { milliseconds } from '../documents/duration.ts'
import type { ReportSettings } from '../report/reporter.ts'

/** The levels that `--level` takes: a level and everything stricter. */
const levels = ['MUST', 'SHOULD', 'MAY'] as const

function invalidArgument(what: string, text: string): InvalidArgumentError {
  return new InvalidArgumentError(`It must be ${what}, got "${text}".`)
}

/** Reads a whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw invalidArgument(`a whole number from ${least} to ${most}`, text)
  }
}

/** Reads a decimal number from `least` to `most`. */
export function decimal(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw invalidArgument(`a number from ${least} to ${most}`, text)
  }
}

/** A timer of Node holds at most so many milliseconds. */
const longest = 2 ** 31 - 1

/** Reads a duration such as `400ms`, `25s` or `2m`, in milliseconds; nought is refused. */
export function durationOption(text: string): number {
  const number = /^[0-9]+(\.[0-9]+)?(ms|s|m)$/.test(text) ? milliseconds(text) : 0
  if (number > 0 && number <= longest) return number
  throw invalidArgument('a duration such as 400ms, 25s or 2m', text)
}

function levelOption(text: string): Level {
  const level = levels.find((one) => one === text.toUpperCase())
  if (level === undefined) throw invalidArgument(levels.join(', '), text)
  return level
}

/** Reads `name: value`; the name is a token (RFC 9110 section 5.6.2). Values of several are collected. */
export function headerOption(
  text: string,
  before: readonly (readonly [string, string])[] = [],
): (readonly [string, string])[] {
  const [, name, value] = /^([!#$%&'*+\-.^_`|~\dA-Za-z]+):[ \t]*([^\r\n\0]*)$/.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw invalidArgument(`a header field as 'name: value'`, text)
  return [...before, [name, value.trimEnd()]]
}

/** Collects an option that may be given several times. */
export const collect = (text: string, before: readonly string[] = []): string[] => [...before, text]

/** The same, and several at once with commas. */
export function listOption(text: string, before: readonly string[] = []): string[] {
  const members = text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
  if (members.length === 0)
    throw invalidArgument('an address such as websocket/closing, or several with commas', text)
  return [...before, ...members]
}

/** How the cases are played. */
export interface PaceFlags {
  readonly concurrency: number
  readonly slow: number
  readonly full: boolean
}

export const addPaceOptions = (command: Command): Command =>
  command
    .option('--concurrency <number>', 'instances at the same time', wholeNumber(1, 1000), 64)
    .option('--slow <factor>', 'stretch every bound on time', decimal(0.1, 100), 1)
    .option('--full', 'also the cases that take long', false)

/** How much the report on the terminal says; the same in every command that writes reports. */
export interface VerbosityFlags {
  readonly verbose?: boolean
  readonly quiet?: boolean
  /** False with `--no-color`. */
  readonly color: boolean
}

export const addVerbosityOptions = (command: Command): Command =>
  command
    .option('--verbose', 'name every case, not only findings; show what a started server prints')
    .addOption(new Option('--quiet', 'only findings and the last line').conflicts('verbose'))
    .option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR are obeyed too)')

export const reportSettings = ({ verbose, quiet }: VerbosityFlags): ReportSettings => ({
  verbose: verbose === true,
  quiet: quiet === true,
})

/** The options of `SelectionSettings`; the same in every command that takes a selection. */
export function addSelectionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--only <address>', 'only cases whose address starts so (repeatable, commas)').argParser(
        listOption,
      ),
    )
    .addOption(
      new Option(
        '--skip <address>',
        'leave out cases whose address starts so (repeatable, commas)',
      ).argParser(listOption),
    )
    .addOption(
      new Option('--level <level>', 'only this level and stricter: MUST, SHOULD, MAY').argParser(levelOption),
    )
    .addOption(
      new Option('--specs <folder>', 'more chapters, from your own folder (repeatable)').argParser(collect),
    )
}
