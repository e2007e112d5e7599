import type { Fault } from '../../fixtures/faults/fault.ts'
import type { Result } from '../run/result.ts'
import type { Case } from '../spec/chapter.ts'
import { type Bench, behind, noFault } from './behind.ts'
import { covered, sample } from './choose.ts'
import { problemsOf } from './problems.ts'
import type { Catch, CollateralDamage, Proof } from './proof.ts'

export interface ProveOptions extends Bench {
  readonly cases: readonly Case[]
  readonly faults: readonly Fault[]
  /** How many unrelated cases are played behind each fault, to find collateral damage. */
  readonly sample: number
  /** How many faults are looked at side by side. */
  readonly atOnce: number
  readonly onProgress: (done: number, total: number, what: string) => void
}

/** Plays the matrix: every case without a fault, and behind each fault the cases that it concerns. */
export async function prove(options: ProveOptions): Promise<Proof> {
  const { cases, faults } = options
  const catches: Catch[] = []
  const notPassing: Result[] = []
  options.onProgress(0, faults.length + 1, 'every case without a fault')
  for await (const result of behind(noFault, cases, { ...options, slow: 1 }))
    if (result.verdict !== 'pass') notPassing.push(result)
  let done = 1
  const waiting = [...faults]
  const workers = Array.from({ length: options.atOnce }, async () => {
    for (
      let fault = waiting.shift();
      fault !== undefined && !options.signal.aborted;
      fault = waiting.shift()
    ) {
      catches.push(...(await catchesOf(fault, options)))
      options.onProgress(++done, faults.length + 1, fault.id)
    }
  })
  await Promise.all(workers)
  return summarise(options, catches, notPassing)
}

async function catchesOf(fault: Fault, options: ProveOptions): Promise<Catch[]> {
  const related = covered(options.cases, fault)
  const others = sample(options.cases, fault, options.sample, options.seed)
  const catches: Catch[] = []
  for await (const result of behind(fault, [...related, ...others], options)) {
    if ((result.verdict !== 'fail' && result.verdict !== 'warn') || result.step === undefined) continue
    catches.push({
      fault: fault.id,
      case: result.id,
      instance: result.instance,
      step: result.step.index,
      verdict: result.verdict,
      reason: result.reason,
      related: related.some(({ id }) => id === result.id),
    })
  }
  return catches
}

function summarise(options: ProveOptions, catches: readonly Catch[], notPassing: readonly Result[]): Proof {
  const { cases, faults } = options
  const proof = {
    cases: cases.map((entry) => caseProof(entry, faults, catches)),
    faults: faults.map(({ id, about, breaks }) => ({
      id,
      about,
      breaks,
      caughtBy: unique(catches.filter((one) => one.related && one.fault === id).map((one) => one.case)),
    })),
    catches,
    notPassing: notPassing.map(({ id, instance, verdict, reason }) => ({ id, instance, verdict, reason })),
    collateral: collateralOf(faults, catches),
  }
  return { ...proof, problems: problemsOf(proof, options) }
}

function caseProof(entry: Case, faults: readonly Fault[], catches: readonly Catch[]) {
  const mine = catches.filter((one) => one.related && one.case === entry.id)
  const provedBy = unique(mine.map(({ fault }) => fault))
  const broken = new Set(faults.filter(({ id }) => provedBy.includes(id)).flatMap(({ breaks }) => breaks))
  return {
    id: entry.id,
    level: entry.level,
    instances: entry.instances.length,
    provedBy,
    unbroken: entry.proves.map(({ id }) => id).filter((id) => !broken.has(id)),
  }
}

/** What failed although its requirements were kept, and is not accounted for in the fault's entry. */
function collateralOf(faults: readonly Fault[], catches: readonly Catch[]): CollateralDamage[] {
  const byId = new Map(faults.map((fault) => [fault.id, fault]))
  const unexplained = catches.filter(
    (one) =>
      !one.related &&
      !byId
        .get(one.fault)
        ?.collateral?.some(({ cases }) => cases.some((prefix) => one.case.startsWith(prefix))),
  )
  return unexplained.map(({ fault, case: id, reason }) => ({ fault, case: id, reason }))
}

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]
