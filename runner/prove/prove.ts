import { buildProof } from './build-proof.ts'
import { playEachFault, replayDoubtful } from './play-faults.ts'
import { playEachFreedom } from './play-freedoms.ts'
import { proveEachInstance } from './each-instance.ts'
import { Matrix } from './play/matrix.ts'
import { findNeedless } from './needed.ts'
import type { ProveOptions } from './play/options.ts'
import type { Proof } from './play/proof.ts'
import { firstInstance } from './play/select-cases.ts'
import { noFault, VariantPlayer } from './play/variant-player.ts'

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
  const matrix = new Matrix(options, player)
  try {
    await playWithoutFault(matrix)
    await playEachFault(matrix)
    await replayDoubtful(matrix)
    await playEachFreedom(matrix)
    if (isThorough) await proveEachInstance(matrix)
    if (isThorough) await findNeedless(matrix)
  } finally {
    if (all.player === undefined) await player.close()
  }
  return buildProof(matrix)
}

async function playWithoutFault(matrix: Matrix): Promise<void> {
  const { cases, onProgress } = matrix.options
  onProgress(0, 1, 'every case without a fault')
  for (const { id, instance, verdict, reason } of await matrix.results(noFault, cases, 1))
    if (verdict !== 'pass') matrix.notPassing.push({ id, instance, verdict, reason })
}
