import type { Fault } from '../../fixtures/faults/fault.ts'
import type { Case } from '../spec/chapter.ts'
import type { Proof } from './proof.ts'

interface Known {
  readonly faults: readonly Fault[]
  readonly cases: readonly Case[]
  /** Every requirement id. */
  readonly requirements?: ReadonlySet<string>
  /** False when only some of the cases or faults were looked at. */
  readonly isWhole?: boolean
}

/** Everything that keeps the matrix from being a proof, each with what to do. */
export function problemsOf(
  proof: Omit<Proof, 'problems'>,
  { faults, requirements, isWhole = true }: Known,
): string[] {
  const unproved = proof.cases
    .filter(({ provedBy }) => provedBy.length === 0)
    .map(
      ({ id, unbroken }) =>
        `${id} is not proved: write a fault that breaks ${unbroken.join(' or ')}, and see the case catch it`,
    )
  const loose = proof.cases
    .filter(({ provedBy, unbroken }) => provedBy.length > 0 && unbroken.length > 0)
    .map(
      ({ id, unbroken }) =>
        `${id} says that it proves ${unbroken.join(', ')}, but no fault that breaks it is caught: write one, or take it out of "proves"`,
    )
  const idle = proof.faults
    .filter(({ caughtBy }) => caughtBy.length === 0)
    .map(
      ({ id, breaks }) =>
        `nothing catches the fault ${id}: write a case that proves ${breaks.join(' or ')}, or mend the fault`,
    )
  const failing = proof.notPassing.map(
    ({ id, instance, verdict, reason }) =>
      `${id}${instance === '' ? '' : ` [${instance}]`} is ${verdict} without a fault: ${reason}`,
  )
  const damage = proof.collateral.map(
    ({ fault, case: id, reason }) =>
      `${id} fails behind ${fault}, which breaks nothing that it proves (${reason}): mend one of them, or say under "collateral" of the fault why that is right`,
  )
  const all = [...failing, ...unknownIn(faults, requirements), ...damage]
  return isWhole ? [...unproved, ...loose, ...idle, ...all] : [...unproved, ...all]
}

function unknownIn(faults: readonly Fault[], requirements: ReadonlySet<string> | undefined): string[] {
  const twice = faults.filter(({ id }, index) => faults.findIndex((other) => other.id === id) !== index)
  const unknown = faults.flatMap(({ id, breaks }) =>
    breaks
      .filter((rule) => requirements?.has(rule) === false)
      .map((rule) => `the fault ${id} breaks "${rule}", which is no requirement`),
  )
  return [...unknown, ...twice.map(({ id }) => `two faults are called ${id}`)]
}
