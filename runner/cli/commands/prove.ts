import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Proof } from '../../prove/play/proof.ts'
import type { ProveOptions } from '../../prove/play/options.ts'
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
import { ProofWorkers } from '../prove/proof-workers.ts'
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
  readonly full: boolean
  readonly demands: boolean
  readonly faults: boolean
  readonly freedoms: boolean
}

const mostWorkers = 4

const perCent = (part: number, whole: number): string =>
  `${whole === 0 ? 100 : Math.floor((100 * part) / whole)} %`

function summaryOf({ cases, faults, counts, collateral, falseAlarms }: Proof): string {
  const proved = cases.filter(({ unbroken }) => unbroken.length === 0).length
  const caught = faults.filter(({ caughtBy }) => caughtBy.length > 0).length
  return [
    `${proved} of ${cases.length} cases proved (${perCent(proved, cases.length)})`,
    `${counts.provedInstances} of ${counts.instances} instances`,
    `${counts.neededDemands} of ${counts.demands} demands needed`,
    `${caught} of ${faults.length} faults detected`,
    `${collateral.length} cases fail without an explanation`,
    `${falseAlarms.length} false alarms behind ${counts.freedoms} freedoms`,
  ].join(', ')
}

/** All faults and freedoms, or only those that are named: with names of one kind, none of the other. */
function variantsNamed(flags: ProveFlags): Pick<ProveOptions, 'faults' | 'freedoms'> {
  const { fault, freedom } = flags
  const isAll = fault === undefined && freedom === undefined
  return {
    faults: flags.faults ? faultsNamed(isAll ? undefined : (fault ?? [])) : [],
    freedoms: flags.freedoms
      ? freedomsNamed(isAll ? undefined : (freedom ?? [])).filter((one) => !isAll || flags.full || !one.full)
      : [],
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
    everyFault: flags.faults && flags.fault === undefined && flags.freedom === undefined,
    concurrency: 48,
    seed: 'proof',
    full: flags.full,
    everyDemand: flags.demands,
    slow,
    atOnce,
    sample,
    signal,
    onProgress: () => undefined,
  }
}

/** Starting a process takes longer than playing a few cases. */
const fewCases = 20

async function proveWithWorkers(options: ProveOptions): Promise<Proof> {
  const { concurrency, slow, seed, signal, cases, faults, freedoms } = options
  const isSmall = cases.length <= fewCases || faults.length + freedoms.length <= 1
  if (isSmall) return prove(options)
  const settings = { description: referenceDescription, concurrency, slow, seed }
  const player = new ProofWorkers(Math.min(availableParallelism(), mostWorkers), settings, signal)
  try {
    return await prove({ ...options, player })
  } finally {
    player.close()
  }
}

async function runProof(flags: ProveFlags, io: Io, stop: Interruption): Promise<number> {
  const progress = new ProveProgress(io)
  const options = { ...(await optionsFor(flags, io, stop.signal)), onProgress: progress.show }
  const proof = await proveWithWorkers(options)
  progress.clear()
  if (flags.json !== undefined)
    await writeFile(resolve(io.cwd, flags.json), `${JSON.stringify(proof, null, 2)}\n`)
  if (stop.signal.aborted) return exits.interrupted
  for (const problem of proof.problems) io.stdout.write(`${forTerminal(problem)}\n`)
  io.stdout.write(`${summaryOf(proof)}\n`)
  return proof.problems.length === 0 ? exits.ok : exits.failed
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
    .option('--no-faults', 'only behind freedoms')
    .option('--no-freedoms', 'only with faults')
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
    .option(
      '--demands',
      'also show that each instance detects a fault, and that each demand is needed',
      false,
    )
    .option('--full', 'also every instance of the cases that take long', false)
    .action(async (flags: ProveFlags) => end(await proveOrList(flags, io)))
}
