import type { Fault } from '../../fixtures/faults/proxy/fault.ts'
import type { Case } from '../chapters/chapter.ts'
import { proves, requirementsShownBroken } from './detections.ts'
import { problemsOf } from './problems.ts'
import type { CaseProof, Detection, CollateralDamage, Proof } from './proof.ts'
import type { ProveOptions } from './options.ts'

/** Summarizes all detections by case and by fault, and lists the problems that keep them from being a proof. */
export function buildProof(
  options: ProveOptions,
  { detections, notPassing, defects }: Pick<Proof, 'detections' | 'notPassing' | 'defects'>,
): Proof {
  const { cases, faults } = options
  const proof = {
    cases: cases.map((entry) => caseProof(entry, faults, detections)),
    faults: faults.map(({ id, about, breaks }) => ({
      id,
      about,
      breaks,
      caughtBy: unique(detections.filter((one) => one.fault === id && proves(one)).map((one) => one.case)),
    })),
    detections,
    notPassing,
    collateral: collateralOf(faults, detections),
    defects,
  }
  return { ...proof, problems: problemsOf(proof, options) }
}

export function caseProof(
  entry: Case,
  faults: readonly Fault[],
  detections: readonly Detection[],
): CaseProof {
  const mine = detections.filter((one) => one.case === entry.id && proves(one))
  const provedBy = unique(mine.map(({ fault }) => fault))
  const behind = faults.filter(({ id }) => provedBy.includes(id))
  const broken = new Set(
    behind.flatMap((fault) =>
      mine
        .filter((one) => one.fault === fault.id)
        .flatMap((one) => requirementsShownBroken(one, entry, fault)),
    ),
  )
  return {
    id: entry.id,
    level: entry.level,
    instances: entry.instances.length,
    provedBy,
    unbroken: entry.proves.map(({ id }) => id).filter((id) => !broken.has(id)),
  }
}

/** Whether the fault's `collateral` explains why this case fails behind it. */
export const isExplained = (one: Detection, { collateral = [] }: Fault): boolean =>
  collateral.some(({ cases }) => cases.some((prefix) => one.case.startsWith(prefix)))

/** Cases that fail although the fault breaks none of their requirements, without an explanation in the fault's `collateral`. */
function collateralOf(faults: readonly Fault[], detections: readonly Detection[]): CollateralDamage[] {
  return faults.flatMap((fault) =>
    detections
      .filter((one) => one.fault === fault.id && !one.related && !isExplained(one, fault))
      .map(({ fault: id, case: address, reason }) => ({ fault: id, case: address, reason })),
  )
}

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]
