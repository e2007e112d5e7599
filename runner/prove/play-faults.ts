import type { Fault } from '../../fixtures/proxy/variant.ts'
import type { Case } from '../chapters/chapter.ts'
import { caseProof, isExplained } from './build-proof.ts'
import { forEachConcurrently } from './play/concurrently.ts'
import { proves } from './play/detections.ts'
import type { Matrix } from './play/matrix.ts'
import type { Catch } from './play/proof.ts'
import {
  casesProvingBroken,
  firstInstance,
  otherInstances,
  sample,
  withInstances,
} from './play/select-cases.ts'

/** Plays the related cases and a sample of others with each fault. */
export async function playEachFault(matrix: Matrix): Promise<void> {
  const { faults, atOnce, signal, onProgress } = matrix.options
  let done = 0
  await forEachConcurrently(faults, atOnce, signal, async (fault) => {
    matrix.catches.push(...(await playBehind(fault, matrix)))
    onProgress(++done, faults.length, fault.id)
  })
}

/** Plays the first instance of each related case, and the other instances only if the first one did not notice the fault. */
async function playBehind(fault: Fault, matrix: Matrix): Promise<Catch[]> {
  const { cases, seed, sample: most } = matrix.options
  const related = casesProvingBroken(cases, fault)
  const others = sample(cases, fault, most, seed)
  const first = await matrix.detections(fault, [...related.map(firstInstance), ...others])
  const missing = related.filter(({ id }) => !first.some((one) => one.case === id && proves(one)))
  const rest = otherInstances(missing)
  return rest.length === 0 ? first : [...first, ...(await matrix.detections(fault, rest))]
}

/** Replays doubtful results (unexplained damage, missed faults) with full bounds: with less concurrency first, then alone. */
export async function replayDoubtful(matrix: Matrix): Promise<void> {
  await replay(matrix, Math.ceil(matrix.options.atOnce / 2))
  await replay(matrix, 1)
}

async function replay(matrix: Matrix, atOnce: number): Promise<void> {
  const { faults, signal } = matrix.options
  const doubts = faults
    .map((fault) => ({ fault, damaged: damagedBy(fault, matrix), missed: missedBy(fault, matrix) }))
    .filter(({ damaged, missed }) => damaged.length + missed.length > 0)
  await forEachConcurrently(doubts, atOnce, signal, async ({ fault, damaged, missed }) => {
    const again = await matrix.detections(fault, [...damaged, ...missed], 1)
    const ids = new Set([...damaged, ...missed].map(({ id }) => id))
    const { catches } = matrix
    const kept = catches.filter((one) => one.fault !== fault.id || !ids.has(one.case))
    catches.splice(0, catches.length, ...kept, ...again)
  })
}

function damagedBy(fault: Fault, { catches, options }: Matrix): Case[] {
  const damage = catches.filter((one) => one.fault === fault.id && !one.related && !isExplained(one, fault))
  return options.cases.flatMap((entry) => {
    const names = damage.filter((one) => one.case === entry.id).map(({ instance }) => instance)
    return names.length === 0 ? [] : [withInstances(entry, ({ name }) => names.includes(name))]
  })
}

/** The cases that prove a requirement which the fault breaks, if no case noticed the fault or such a requirement is still unproved. */
function missedBy(fault: Fault, { catches, options: { cases, faults } }: Matrix): Case[] {
  const isCaught = catches.some((one) => one.fault === fault.id && proves(one))
  return casesProvingBroken(cases, fault).filter(
    (entry) =>
      !isCaught || caseProof(entry, faults, catches).unbroken.some((id) => fault.breaks.includes(id)),
  )
}
