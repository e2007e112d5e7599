import type { Fault } from '../../fixtures/proxy/variant.ts'
import type { Case } from '../chapters/chapter.ts'
import { proves, shownBroken } from './play/detections.ts'
import { problemsOf } from './problems.ts'
import type { ProveOptions } from './play/options.ts'
import type { CaseProof, Catch, CollateralDamage, Proof } from './play/proof.ts'
import { unprovedInstances } from './each-instance.ts'
import type { Matrix } from './play/matrix.ts'

/**
 * Builds the proof from what was observed: what each case and fault shows, collateral damage and problems. `options` has all
 * cases; those of the matrix pass without a fault.
 */
export function buildProof(matrix: Matrix, options: ProveOptions): Proof {
  const { catches, notPassing, falseAlarms, needless, defects } = matrix
  const { cases, faults, freedoms } = options
  const instances = cases.reduce((sum, { instances: own }) => sum + own.length, 0)
  const unproved = unprovedInstances(cases, catches)
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
    falseAlarms,
    unproved: unproved.map(({ entry, instance }) => ({ case: entry.id, instance: instance.name })),
    needless,
    counts: {
      instances,
      provedInstances: instances - unproved.length,
      demands: matrix.mutations,
      neededDemands: matrix.mutations - needless.length,
      freedoms: freedoms.length,
    },
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

/** Whether the fault is wide, or lists the case under `collateral` with the reason why it fails. */
export const isExplained = (one: Catch, { collateral = [], wide }: Fault): boolean =>
  wide || collateral.some(({ cases }) => cases.some((prefix) => one.case.startsWith(prefix)))

/** Cases that failed although the fault breaks none of their requirements, unless the fault explains it. */
function collateralOf(faults: readonly Fault[], catches: readonly Catch[]): CollateralDamage[] {
  return faults.flatMap((fault) =>
    catches
      .filter((one) => one.fault === fault.id && !one.related && !isExplained(one, fault))
      .map(({ fault: id, case: address, reason }) => ({ fault: id, case: address, reason })),
  )
}

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]
