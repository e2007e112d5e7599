import type { Fault } from '../../fixtures/proxy/variant.ts'
import type { Case } from '../chapters/chapter.ts'
import { proves, shownBroken } from './detections.ts'
import { problemsOf } from './problems.ts'
import type { CaseProof, Catch, CollateralDamage, Proof } from './proof.ts'
import type { ProveOptions } from './options.ts'

/** Builds the proof from the recorded results: what each case and fault shows, collateral damage and problems. */
export function buildProof(
  options: ProveOptions,
  {
    catches,
    notPassing,
    accusations,
    defects,
  }: Pick<Proof, 'catches' | 'notPassing' | 'accusations' | 'defects'>,
): Proof {
  const { cases, faults } = options
  const proof = {
    cases: cases.map((entry) => caseProof(entry, faults, catches)),
    faults: faults.map(({ id, about, breaks }) => ({
      id,
      about,
      breaks,
      caughtBy: unique(catches.filter((one) => one.fault === id && proves(one)).map((one) => one.case)),
    })),
    catches,
    notPassing,
    accusations,
    collateral: collateralOf(faults, catches),
    defects,
  }
  return { ...proof, problems: problemsOf(proof, options) }
}

export function caseProof(entry: Case, faults: readonly Fault[], catches: readonly Catch[]): CaseProof {
  const detections = catches.filter((one) => one.case === entry.id && proves(one))
  const provedBy = unique(detections.map(({ fault }) => fault))
  const behind = faults.filter(({ id }) => provedBy.includes(id))
  const broken = new Set(
    behind.flatMap((fault) =>
      detections.filter((one) => one.fault === fault.id).flatMap((one) => shownBroken(one, entry, fault)),
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

/** Whether the fault lists the case under `collateral`, with the reason why it fails. */
export const isExplained = (one: Catch, { collateral = [] }: Fault): boolean =>
  collateral.some(({ cases }) => cases.some((prefix) => one.case.startsWith(prefix)))

/** Cases that failed although the fault breaks none of their requirements, unless the fault explains it. */
function collateralOf(faults: readonly Fault[], catches: readonly Catch[]): CollateralDamage[] {
  return faults.flatMap((fault) =>
    catches
      .filter((one) => one.fault === fault.id && !one.related && !isExplained(one, fault))
      .map(({ fault: id, case: address, reason }) => ({ fault: id, case: address, reason })),
  )
}

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]
