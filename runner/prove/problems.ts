import type { Fault } from '../../fixtures/faults/proxy/fault.ts'
import type { Proof } from './proof.ts'
import type { ProveOptions } from './options.ts'

type Matrix = Omit<Proof, 'problems'>
type Known = Pick<ProveOptions, 'cases' | 'faults' | 'requirements' | 'everyCase' | 'everyFault'>

/** All that keeps the matrix from being a proof, each with what to do about it. */
export function problemsOf(matrix: Matrix, known: Known): string[] {
  const { everyFault = true, everyCase = true } = known
  return [
    ...brokenDown(matrix),
    ...(everyFault ? notProved(matrix) : []),
    // A fault that was named explicitly is reported as uncaught even if only some cases were played.
    ...(everyCase || !everyFault ? idle(matrix) : []),
    ...notPassing(matrix),
    ...unknownIn(known.faults, known.requirements),
    ...damage(matrix),
  ]
}

const brokenDown = ({ defects }: Matrix): string[] =>
  [...new Set(defects.map(({ fault, what }) => `${what} (behind ${fault})`))].map(
    (what) => `the proxy or the runner failed, so the results behind this fault are ignored: ${what}`,
  )

function notProved({ cases, detections }: Matrix): string[] {
  return cases
    .filter(({ unbroken }) => unbroken.length > 0)
    .map(({ id, provedBy, unbroken }) =>
      provedBy.length === 0
        ? `${id} is not proved: write a fault that breaks ${unbroken.join(' or ')}, and see the case catch it${hint(id, detections)}`
        : `${id} says that it proves ${unbroken.join(', ')}, but no fault that breaks it is caught: write one, or take it out of "proves"`,
    )
}

/** Explains why a case that fails behind a fault is not proved: an action failed, not an expectation. */
function hint(id: string, detections: Matrix['detections']): string {
  const action = detections.find((one) => one.case === id && one.related && !one.isExpectation)
  return action === undefined
    ? ''
    : ` (${action.fault} fails it in the step "${action.verb}", which is an action: only a failed expectation proves a case)`
}

const idle = ({ faults, defects }: Matrix): string[] =>
  faults
    .filter(({ id, caughtBy }) => caughtBy.length === 0 && !defects.some(({ fault }) => fault === id))
    .map(
      ({ id, breaks }) =>
        `nothing catches the fault ${id}: write a case that proves ${breaks.join(' or ')}, or mend the fault`,
    )

const notPassing = (matrix: Matrix): string[] =>
  matrix.notPassing.map(
    ({ id, instance, verdict, reason }) =>
      `${id}${instance === '' ? '' : ` [${instance}]`} is ${verdict} without a fault: ${reason}`,
  )

const damage = ({ collateral }: Matrix): string[] =>
  collateral.map(
    ({ fault, case: id, reason }) =>
      `${id} fails behind ${fault}, which breaks nothing that it proves (${reason}): mend one of them, or say under "collateral" of the fault why that is right`,
  )

function unknownIn(faults: readonly Fault[], requirements: ReadonlySet<string> | undefined): string[] {
  const twice = faults.filter(({ id }, index) => faults.findIndex((other) => other.id === id) !== index)
  const unknown = faults.flatMap(({ id, breaks }) =>
    breaks
      .filter((rule) => requirements?.has(rule) === false)
      .map((rule) => `the fault ${id} breaks "${rule}", which is no requirement`),
  )
  return [...unknown, ...twice.map(({ id }) => `two faults are called ${id}`)]
}
