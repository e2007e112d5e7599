import { buildProof } from './build-proof.ts'
import { playEachFault, replayDoubtful } from './play-faults.ts'
import { playEachFreedom } from './play-freedoms.ts'
import { proveEachInstance } from './each-instance.ts'
import { Matrix } from './play/matrix.ts'
import { findNeedless } from './needed.ts'
import type { ProveOptions } from './play/options.ts'
import type { Proof } from './play/proof.ts'
import { firstInstance } from './play/select-cases.ts'
import { noFault, type Player, VariantPlayer } from './play/variant-player.ts'

/**
 * Plays every case without a fault, with each fault the cases that prove a broken requirement and a sample of others, and
 * with each freedom the cases that it touches; then shows that each instance catches a fault, and that each expectation is
 * needed for it.
 */
export async function prove(all: ProveOptions): Promise<Proof> {
  const { full = false, everyFault = true, everyDemand = true } = all
  // What no fault catches may be caught by one that was not selected.
  const isThorough = everyFault && everyDemand
  const cases = full ? all.cases : all.cases.map((entry) => (entry.full ? firstInstance(entry) : entry))
  const options = { ...all, cases }
  const player = all.player ?? new VariantPlayer(options)
  try {
    const matrix = await playWithoutFault(options, player)
    await playEachFault(matrix)
    await replayDoubtful(matrix)
    await playEachFreedom(matrix)
    if (isThorough) await proveEachInstance(matrix)
    if (isThorough) await findNeedless(matrix)
    return buildProof(matrix, options)
  } finally {
    if (all.player === undefined) await player.close()
  }
}

/** A case that does not pass without a fault detects nothing, so it is not played behind one. */
async function playWithoutFault(options: ProveOptions, player: Player): Promise<Matrix> {
  const { cases, onProgress } = options
  onProgress(0, 1, 'every case without a fault')
  const { results, defects } = await player.play(noFault, cases, 1)
  const notPassing = results
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ id, instance, verdict, reason }) => ({ id, instance, verdict, reason }))
  const broken = new Set(notPassing.map(({ id }) => id))
  const matrix = new Matrix({ ...options, cases: cases.filter(({ id }) => !broken.has(id)) }, player)
  matrix.notPassing.push(...notPassing)
  matrix.defects.push(...defects.map((what) => ({ fault: noFault.id, what })))
  return matrix
}
