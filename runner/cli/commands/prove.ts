import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { mutate, type Survivor } from '../../prove/mutate.ts'
import type { Proof } from '../../prove/proof.ts'
import type { ProveOptions } from '../../prove/options.ts'
import { prove } from '../../prove/prove.ts'
import { forTerminal } from '../../text/escape.ts'
import { loadRegister } from '../../chapters/register/register.ts'
import { verbs } from '../../steps/index.ts'
import { loadTarget } from '../../targets/load.ts'
import { loadCases, type SelectionSettings } from '../../library/cases.ts'
import type { DefineCommand } from './command.ts'
import { faultsNamed, freedomsNamed } from '../play/faults.ts'
import { Interruption } from '../interruption.ts'
import type { Io } from '../io.ts'
import { decimal, wholeNumber, addSelectionOptions, collect } from '../options.ts'
import { referenceDescription, requirementsFolder } from '../../package/paths.ts'
import { ProveProgress } from '../prove-progress.ts'
import { exits } from '../../report/summary.ts'

interface ProveFlags extends SelectionSettings {
  readonly fault?: readonly string[]
  readonly freedom?: readonly string[]
  readonly list: boolean
  readonly sample: number
  readonly slow: number
  readonly atOnce: number
  readonly json?: string
  readonly mutate: boolean
}

const perCent = (part: number, whole: number): string =>
  `${whole === 0 ? 100 : Math.floor((100 * part) / whole)} %`

function summaryOf(proof: Proof, survivors: readonly Survivor[] | undefined): string {
  const proved = proof.cases.filter(({ unbroken }) => unbroken.length === 0).length
  const caught = proof.faults.filter(({ caughtBy }) => caughtBy.length > 0).length
  const missed = survivors === undefined ? [] : [`${survivors.length} expectations that no fault needs`]
  return [
    `${proved} of ${proof.cases.length} cases proved (${perCent(proved, proof.cases.length)})`,
    `${caught} of ${proof.faults.length} faults detected`,
    `${proof.collateral.length} cases fail without an explanation`,
    `${proof.accusations.length} false alarms`,
    ...missed,
  ].join(', ')
}

const survives = ({ at, verb, case: id }: Survivor): string =>
  `${at}: no fault needs the step "${verb}" of ${id}: write a fault that only this step catches, or remove the step`

/** All faults and freedoms, or only those that are named: with names of one kind, none of the other. */
function variantsNamed({ fault, freedom }: ProveFlags): Pick<ProveOptions, 'faults' | 'freedoms'> {
  const isAll = fault === undefined && freedom === undefined
  return {
    faults: isAll ? faultsNamed(undefined) : faultsNamed(fault ?? []),
    freedoms: isAll ? freedomsNamed(undefined) : freedomsNamed(freedom ?? []),
  }
}

async function optionsFor(flags: ProveFlags, io: Io, signal: AbortSignal): Promise<ProveOptions> {
  const { slow, atOnce, sample } = flags
  return {
    cases: await loadCases(flags, io.cwd),
    ...variantsNamed(flags),
    verbs,
    described: await loadTarget(referenceDescription),
    requirements: new Set((await loadRegister(requirementsFolder)).ids),
    everyCase: flags.only === undefined && flags.skip === undefined && flags.level === undefined,
    everyFault: flags.fault === undefined && flags.freedom === undefined,
    concurrency: 48,
    seed: 'proof',
    slow,
    atOnce,
    sample,
    signal,
    onProgress: () => undefined,
  }
}

async function runProof(flags: ProveFlags, io: Io, stop: Interruption): Promise<number> {
  const progress = new ProveProgress(io)
  const options = { ...(await optionsFor(flags, io, stop.signal)), onProgress: progress.show }
  const proof = await prove(options)
  const survivors = flags.mutate && !stop.signal.aborted ? await mutate({ ...options, proof }) : undefined
  progress.clear()
  if (flags.json !== undefined)
    await writeFile(
      resolve(io.cwd, flags.json),
      `${JSON.stringify({ ...proof, survivors: survivors ?? [] }, null, 2)}\n`,
    )
  if (stop.signal.aborted) return exits.interrupted
  const problems = [...proof.problems, ...(survivors ?? []).map(survives)]
  for (const problem of problems) io.stdout.write(`${forTerminal(problem)}\n`)
  io.stdout.write(`${summaryOf(proof, survivors)}\n`)
  return problems.length === 0 ? exits.ok : exits.failed
}

function listFaults(flags: ProveFlags, io: Io): number {
  for (const { id, about, breaks } of faultsNamed(flags.fault))
    io.stdout.write(`${id}\n    ${about}\n    breaks ${breaks.join(', ')}\n`)
  return 0
}

async function proveOrList(flags: ProveFlags, io: Io): Promise<number> {
  if (flags.list) return listFaults(flags, io)
  const stop = new Interruption(io)
  try {
    return await runProof(flags, io, stop)
  } finally {
    stop.dispose()
  }
}

export const defineProve: DefineCommand = (program, { io, end }) => {
  const command = program
    .command('prove')
    .description('show that every case fails when the target breaks its rule')
  addSelectionOptions(command)
    .option('--fault <id>', 'only with this fault (repeatable)', collect)
    .option('--freedom <id>', 'only with this freedom (repeatable)', collect)
    .option('--list', 'list the faults with descriptions and broken requirements', false)
    .option(
      '--sample <number>',
      'number of unrelated cases to play with each fault',
      wholeNumber(0, 10_000),
      12,
    )
    .option('--slow <factor>', 'factor for every time-out with a fault', decimal(0.05, 100), 0.5)
    .option('--at-once <number>', 'number of faults that are tested concurrently', wholeNumber(1, 100), 16)
    .option('--json <file>', 'write the whole proof as JSON')
    .option('--mutate', 'also remove each expectation in turn, and report those that no fault needs', false)
    .action(async (flags: ProveFlags) => end(await proveOrList(flags, io)))
}
