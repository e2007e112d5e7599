import type { Fault } from '../../fixtures/proxy/variant.ts'
import type { Proof } from './play/proof.ts'
import type { ProveOptions } from './play/options.ts'

type Matrix = Omit<Proof, 'problems'>
type Known = Pick<
  ProveOptions,
  'cases' | 'faults' | 'requirements' | 'everyCase' | 'mustBeDetected' | 'everyFault' | 'everyDemand'
>

/** Everything that keeps the matrix from being a proof, each with the action that mends it. */
export function problemsOf(matrix: Matrix, known: Known): string[] {
  const { everyFault = true, everyCase = true, everyDemand = true, mustBeDetected } = known
  return [
    ...defectProblems(matrix),
    ...(everyFault ? notProved(matrix) : []),
    ...(everyFault && everyDemand ? [...unproved(matrix), ...needless(matrix)] : []),
    // A fault that was selected by name is reported if no case detects it, even if cases were left out.
    ...undetectedFaults(matrix)
      .filter(({ id }) => everyCase || !everyFault || mustBeDetected?.has(id))
      .map(({ text }) => text),
    ...notPassing(matrix),
    ...unknownIn(known.faults, known.requirements),
    ...damage(matrix),
    ...falseAlarmProblems(matrix),
  ]
}

const defectProblems = ({ defects }: Matrix): string[] =>
  [...new Set(defects.map(({ fault, what }) => `${what} (with ${fault})`))].map(
    (what) => `the proxy or the runner failed, so these results are ignored: ${what}`,
  )

function notProved({ cases, catches, notPassing: broken }: Matrix): string[] {
  return cases
    .filter(({ id, unbroken }) => unbroken.length > 0 && !broken.some((one) => one.id === id))
    .map(({ id, provedBy, unbroken }) =>
      provedBy.length === 0
        ? `${id} is not proved: write a fault that breaks ${unbroken.join(' or ')} and that the case detects${hint(id, catches)}`
        : `${id} lists ${unbroken.join(', ')} under "proves", but no fault that breaks it is detected: write one, or remove it from "proves"`,
    )
}

/** Names a fault that makes the case fail only in an action, which proves nothing. */
function hint(id: string, catches: Matrix['catches']): string {
  const action = catches.find((one) => one.case === id && one.related && !one.isExpectation)
  return action === undefined
    ? ''
    : ` (with ${action.fault} it fails in the step "${action.verb}", which is an action: only an expectation proves a rule)`
}

const undetectedFaults = ({ faults, defects }: Matrix): { id: string; text: string }[] =>
  faults
    .filter(({ id, caughtBy }) => caughtBy.length === 0 && !defects.some(({ fault }) => fault === id))
    .map(({ id, breaks }) => ({
      id,
      text: `no case detects the fault ${id}: write a case that proves ${breaks.join(' or ')}, or mend the fault`,
    }))

const notPassing = (matrix: Matrix): string[] =>
  matrix.notPassing.map(
    ({ id, instance, verdict, reason }) =>
      `${id}${instance === '' ? '' : ` [${instance}]`} is ${verdict} without a fault: ${reason}`,
  )

const damage = ({ collateral }: Matrix): string[] =>
  collateral.map(
    ({ fault, case: id, reason }) =>
      `${id} fails with ${fault}, which breaks no requirement that it proves (${reason}): mend one of them, or explain it under "collateral" of the fault`,
  )

/** Instances that catch nothing, of cases that catch something. */
const unproved = ({ unproved: instances, cases }: Matrix): string[] =>
  instances
    .filter(({ case: id }) => cases.some((one) => one.id === id && one.provedBy.length > 0))
    .map(
      ({ case: id, instance }) =>
        `${id} [${instance}] detects no fault: write one that this instance detects, or remove it from "vary"`,
    )

const needless = ({ needless: demands }: Matrix): string[] =>
  demands.map(({ at, verb, demand, case: id }) => {
    const what = demand === '' ? `the step "${verb}"` : `"${demand}" of the step "${verb}"`
    return `${at}: nothing needs ${what} of ${id}: remove it, or write a fault that only this detects`
  })

const falseAlarmProblems = ({ falseAlarms }: Matrix): string[] =>
  falseAlarms.map(
    ({ freedom, case: id, instance, verdict, reason }) =>
      `${id}${instance === '' ? '' : ` [${instance}]`} is ${verdict} behind the freedom ${freedom}, which breaks no rule: mend the case (${reason})`,
  )

function unknownIn(faults: readonly Fault[], requirements: ReadonlySet<string> | undefined): string[] {
  const twice = faults.filter(({ id }, index) => faults.findIndex((other) => other.id === id) !== index)
  const unknown = faults.flatMap(({ id, breaks }) =>
    breaks
      .filter((rule) => requirements?.has(rule) === false)
      .map((rule) => `the fault ${id} breaks "${rule}", which is not a requirement`),
  )
  return [...unknown, ...twice.map(({ id }) => `two faults are called ${id}`)]
}
