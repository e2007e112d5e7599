import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { faults as allFaults } from '../../fixtures/faults/index.ts'
import { mutate } from '../prove/mutate.ts'
import type { Proof } from '../prove/proof.ts'
import { prove } from '../prove/prove.ts'
import { loadRegister } from '../spec/register.ts'
import { verbs } from '../steps/index.ts'
import { loadTarget } from '../target/load.ts'
import { loadCases } from './cases.ts'
import type { DefineCommand } from './command.ts'
import { UsageError } from './errors.ts'
import { Interruption } from './interruption.ts'
import type { Io } from './io.ts'
import { addSelection, decimal, repeated, type SelectionFlags, wholeNumber } from './options.ts'
import { referenceDescription, requirementsFolder } from './paths.ts'
import { nearest } from '../spec/nearest.ts'

interface ProveFlags extends SelectionFlags {
  readonly fault?: readonly string[]
  readonly sample: number
  readonly slow: number
  readonly json?: string
  readonly mutate: boolean
}

function chosenFaults(names: readonly string[] | undefined) {
  if (names === undefined) return allFaults
  return names.map((name) => {
    const fault = allFaults.find(({ id }) => id === name)
    if (fault === undefined)
      throw new UsageError(
        `there is no fault "${name}"${nearest(
          name,
          allFaults.map(({ id }) => id),
        )}`,
      )
    return fault
  })
}

/** Progress on a terminal in one line; in a file only every tenth step. */
const progressTo = (io: Io) => (done: number, total: number, what: string) => {
  if (io.stderr.isTTY) io.stderr.write(`\r\x1b[2K${done}/${total} ${what}${done === total ? '\n' : ''}`)
  else if (done % Math.max(1, Math.ceil(total / 10)) === 0) io.stderr.write(`${done}/${total} ${what}\n`)
}

const perCent = (part: number, whole: number): string =>
  `${whole === 0 ? 100 : Math.floor((100 * part) / whole)} %`

function summaryOf(proof: Proof): string {
  const proved = proof.cases.filter(({ provedBy }) => provedBy.length > 0).length
  const caught = proof.faults.filter(({ caughtBy }) => caughtBy.length > 0).length
  return [
    `${proved} of ${proof.cases.length} cases proved (${perCent(proved, proof.cases.length)})`,
    `${caught} of ${proof.faults.length} faults caught`,
    `${proof.collateral.length} cases fail unexplained`,
  ].join(', ')
}

async function runProof(flags: ProveFlags, io: Io): Promise<number> {
  const cases = await loadCases(flags, io)
  const register = await loadRegister(requirementsFolder)
  const stop = new Interruption(io)
  const isWhole = flags.only === undefined && flags.skip === undefined && flags.fault === undefined
  const shared = {
    cases,
    faults: chosenFaults(flags.fault),
    described: await loadTarget(referenceDescription),
    concurrency: 48,
    slow: flags.slow,
    seed: 'proof',
    atOnce: 6,
    sample: flags.sample,
    signal: stop.signal,
    requirements: new Set(register.ids),
    isWhole,
    onProgress: progressTo(io),
  }
  try {
    const proof = await prove(shared)
    const survivors = flags.mutate ? await mutate({ ...shared, verbs, proof }) : []
    const problems = [
      ...proof.problems,
      ...survivors.map(
        ({ at, verb, case: id }) =>
          `${at}: nobody misses the step "${verb}" of ${id}: write a fault that only it catches, or take it out`,
      ),
    ]
    if (flags.json !== undefined)
      await writeFile(resolve(io.cwd, flags.json), `${JSON.stringify({ ...proof, survivors }, null, 2)}\n`)
    for (const problem of problems) io.stdout.write(`${problem}\n`)
    io.stdout.write(
      `${summaryOf(proof)}${flags.mutate ? `, ${survivors.length} expectations nobody misses` : ''}\n`,
    )
    return stop.signal.aborted ? 130 : problems.length === 0 ? 0 : 1
  } finally {
    stop.dispose()
  }
}

export const defineProve: DefineCommand = (program, { io, end }) => {
  const command = program
    .command('prove')
    .description('show that every case fails when the target breaks the rule')
  addSelection(command)
    .option('--fault <id>', 'only behind this fault (repeatable)', repeated)
    .option('--sample <number>', 'unrelated cases behind each fault', wholeNumber(0, 10_000), 12)
    .option('--slow <factor>', 'bounds on time behind a fault', decimal(0.05, 100), 0.35)
    .option('--json <file>', 'write the whole matrix')
    .option('--mutate', 'also take each expectation away in turn, and say which nobody misses', false)
    .action(async (flags: ProveFlags) => end(await runProof(flags, io)))
}
