import { resolve } from 'node:path'
import { Argument } from 'commander'
import { faults } from '../../../fixtures/faults/index.ts'
import { reporters } from '../../report/reporters/index.ts'
import { completeAddress } from '../../chapters/complete-address.ts'
import { candidates, type CandidateSource, type CandidateSources } from '../completion/candidates.ts'
import type { DefineCommand } from './command.ts'
import type { Io } from '../io.ts'
import { specsFolder } from '../../package/paths.ts'
import { shells } from '../completion/shells.ts'

const faultIds: CandidateSource = async () => faults.map(({ id, about }) => ({ text: id, about }))

const reporterNames: CandidateSource = async () => reporters.map(({ name, about }) => ({ text: name, about }))

/** Addresses of the cases of the kit and of the folders in earlier `--specs` options. */
const addresses =
  (io: Io): CandidateSource =>
  async (begun, words) => {
    const own = words.flatMap((word, index) =>
      words[index - 1] === '--specs' ? word : (/^--specs=(.+)$/s.exec(word)?.[1] ?? []),
    )
    const found = await completeAddress(begun, [specsFolder, ...own.map((dir) => resolve(io.cwd, dir))])
    return found.map((text) => ({ text, about: '' }))
  }

/** For a list with commas: completes the last value. */
const listed =
  (source: CandidateSource): CandidateSource =>
  async (begun, words) => {
    const [, done = '', last = ''] = /^(.*,)?(.*)$/s.exec(begun) ?? []
    return (await source(last, words)).map((one) => ({ ...one, text: done + one.text }))
  }

const sourcesFor = (io: Io): CandidateSources => ({
  only: listed(addresses(io)),
  skip: listed(addresses(io)),
  id: addresses(io),
  break: faultIds,
  fault: faultIds,
  reporter: reporterNames,
})

/** Shell completion: prints the script for a shell, and the completions for that script. */
export const defineCompletion: DefineCommand = (program, { io, end }) => {
  program
    .command('completion')
    .description('print a script that completes commands, options, addresses, faults and reporters')
    .addArgument(new Argument('<shell>', 'the shell that reads the script').choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) => {
      io.stdout.write(shells[shell])
      end(0)
    })
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      for (const { text, about } of await candidates(program, words, sourcesFor(io)))
        io.stdout.write(`${text}\t${about}\n`)
      end(0)
    })
}
