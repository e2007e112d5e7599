import type { Command, Option } from 'commander'

/** A possible completion of the word that is being typed. */
export interface Candidate {
  readonly text: string
  readonly about: string
}

/** Returns values that begin with `begun`; `words` are the words before it. */
export type CandidateSource = (begun: string, words: readonly string[]) => Promise<readonly Candidate[]>

/** Sources of values by the name of the option or argument; fixed choices need no source. */
export type CandidateSources = Readonly<Record<string, CandidateSource>>

const plain = (texts: readonly string[]): Candidate[] => texts.map((text) => ({ text, about: '' }))

/** Completions for the last of `words`, which follow the name of the program. Empty where a file name may be. */
export async function candidates(
  program: Command,
  words: readonly string[],
  sources: CandidateSources,
): Promise<Candidate[]> {
  const current = words.at(-1) ?? ''
  // Bash passes the equals sign between an option and its value as a word.
  const before = words.slice(0, -1).filter((word) => word !== '=')
  const command = commandOf(program, before[0])
  const found = await possible(program, command, before, current, sources)
  return found.filter(({ text }) => text.startsWith(current))
}

/** The command with this name, or else the default command. */
const commandOf = (program: Command, first: string | undefined): Command | undefined =>
  program.commands.find((one) => one.name() === first) ?? program.commands.find((one) => one.name() === 'run')

async function possible(
  program: Command,
  command: Command | undefined,
  before: readonly string[],
  current: string,
  sources: CandidateSources,
): Promise<readonly Candidate[]> {
  const options = command?.options ?? []
  const valuesOf = async (option: Option, begun: string): Promise<readonly Candidate[]> =>
    option.argChoices === undefined
      ? ((await sources[option.attributeName()]?.(begun, before)) ?? [])
      : plain(option.argChoices)

  const [, name, value = ''] = /^(--[^=]+)=(.*)$/s.exec(current) ?? []
  const joined = options.find(({ long }) => long === name && name !== undefined)
  if (joined !== undefined)
    return (await valuesOf(joined, value)).map((one) => ({ ...one, text: `${name}=${one.text}` }))

  const waiting = options.find(
    (option) => takesValue(option) && [option.short, option.long].includes(before.at(-1) ?? ''),
  )
  if (waiting !== undefined) return valuesOf(waiting, current)
  if (current.startsWith('-')) return optionsOf(command, program)
  if (before.length === 0 || before[0] === 'help') return commandsOf(program)
  const operands = (command?.registeredArguments ?? []).map(async (argument) =>
    argument.argChoices === undefined
      ? ((await sources[argument.name()]?.(current, before)) ?? [])
      : plain(argument.argChoices),
  )
  return (await Promise.all(operands)).flat()
}

const takesValue = ({ required, optional }: Option): boolean => required || optional

const optionsOf = (command: Command | undefined, program: Command): Candidate[] =>
  [...new Set([command, program])].flatMap((one) =>
    one === undefined
      ? []
      : one
          .createHelp()
          .visibleOptions(one)
          .flatMap(({ long, description }) => (long ? { text: long, about: description } : [])),
  )

const commandsOf = (program: Command): Candidate[] =>
  program
    .createHelp()
    .visibleCommands(program)
    .map((one) => ({ text: one.name(), about: one.description() }))
