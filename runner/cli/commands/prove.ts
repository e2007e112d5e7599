import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Proof } from '../../prove/play/proof.ts'
import { TargetPlayer } from '../../prove/play/target-player.ts'
import type { ProveOptions } from '../../prove/play/options.ts'
import { prove } from '../../prove/prove.ts'
import { forTerminal } from '../../text/escape.ts'
import type { DefineCommand } from './command.ts'
import { faultsNamed } from '../play/faults.ts'
import { Interruption } from '../interruption.ts'
import type { Io } from '../io.ts'
import { decimal, wholeNumber, addSelectionOptions, collect } from '../options.ts'
import { referenceDescription } from '../../package/paths.ts'
import { loadOwnFaults } from '../prove/own-faults.ts'
import { reachOwnServers } from '../prove/own-servers.ts'
import { type ProveFlags, proofOptions } from '../prove/proof-options.ts'
import { ProofWorkers } from '../prove/proof-workers.ts'
import { ProveProgress } from '../prove-progress.ts'
import { exits } from '../../report/summary.ts'

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

/** Starting a process takes longer than playing a few cases. */
const fewCases = 20

/** Several processes play only what has a name in the kit, on the reference server. */
const playsHere = ({ cases, faults, freedoms }: ProveOptions, { specs }: ProveFlags): boolean =>
  specs !== undefined || cases.length <= fewCases || faults.length + freedoms.length <= 1

async function proveWithWorkers(options: ProveOptions): Promise<Proof> {
  const { concurrency, slow, seed, signal } = options
  const settings = { description: referenceDescription, concurrency, slow, seed }
  const player = new ProofWorkers(Math.min(availableParallelism(), mostWorkers), settings, signal)
  try {
    return await prove({ ...options, player })
  } finally {
    player.close()
  }
}

async function proveAll(options: ProveOptions, flags: ProveFlags, io: Io): Promise<Proof> {
  const servers = await reachOwnServers(flags, io, options.signal)
  if (servers === undefined) return playsHere(options, flags) ? prove(options) : proveWithWorkers(options)
  try {
    return await prove({ ...options, player: new TargetPlayer(servers, options) })
  } finally {
    await servers.close()
  }
}

async function runProof(flags: ProveFlags, io: Io, stop: Interruption): Promise<number> {
  const progress = new ProveProgress(io)
  const options = { ...(await proofOptions(flags, io, stop.signal)), onProgress: progress.show }
  const proof = await proveAll(options, flags, io)
  progress.clear()
  if (flags.json !== undefined)
    await writeFile(resolve(io.cwd, flags.json), `${JSON.stringify(proof, null, 2)}\n`)
  if (stop.signal.aborted) return exits.interrupted
  for (const problem of proof.problems) io.stdout.write(`${forTerminal(problem)}\n`)
  io.stdout.write(`${summaryOf(proof)}\n`)
  return proof.problems.length === 0 ? exits.ok : exits.failed
}

async function listFaults({ fault, specs = [] }: ProveFlags, io: Io): Promise<number> {
  const own = await loadOwnFaults(specs, io.cwd)
  for (const { id, about, breaks } of faultsNamed(fault, own))
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
    .option(
      '--target <target>',
      'a server that keeps the rules of chapters in --specs: a URL or a target description',
    )
    .option('--broken <target>', 'a server that breaks some of them (repeatable)', collect)
    .option(
      '--slow <factor>',
      'factor for every time-out with a fault (default: 0.5; 1 with --target)',
      decimal(0.05, 100),
    )
    .option(
      '--at-once <number>',
      'number of faults that are tested concurrently (default: 16; 1 with --target)',
      wholeNumber(1, 100),
    )
    .option('--json <file>', 'write the whole proof as JSON')
    .option(
      '--demands',
      'also show that each instance detects a fault, and that each demand is needed',
      false,
    )
    .option('--full', 'also every instance of the cases that take long', false)
    .action(async (flags: ProveFlags) => end(await proveOrList(flags, io)))
}
