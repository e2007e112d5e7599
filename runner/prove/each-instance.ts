import type { Fault } from '../../fixtures/proxy/variant.ts'
import type { Case, Instance } from '../chapters/chapter.ts'
import { forEachConcurrently } from './play/concurrently.ts'
import { proves } from './play/detections.ts'
import type { Matrix } from './play/matrix.ts'
import type { Catch } from './play/proof.ts'
import { withInstances } from './play/select-cases.ts'

/** An instance that has caught no fault yet. */
interface Open {
  readonly entry: Case
  readonly instance: Instance
}

/** Plays each instance that has caught no fault yet with the faults that break one of its rules, until it catches one. */
export async function proveEachInstance(matrix: Matrix): Promise<void> {
  const { cases, atOnce, signal, onProgress } = matrix.options
  const open = unprovedInstances(cases, matrix.catches)
  const turns = turnsOf(open, matrix)
  let done = 0
  await forEachConcurrently(turns, atOnce, signal, async ([fault, all]) => {
    const tried = all.filter(({ entry, instance }) => !isProved(entry, instance, matrix.catches))
    if (tried.length > 0) matrix.catches.push(...(await matrix.detections(fault, tried.map(alone))))
    onProgress(++done, turns.length, `${fault.id}, other instances`)
  })
}

/** The open instances by fault, first with faults that another instance of their case has caught. */
function turnsOf(open: readonly Open[], { catches, options: { faults } }: Matrix): [Fault, Open[]][] {
  const known = new Set(catches.filter(proves).map((one) => JSON.stringify([one.fault, one.case])))
  const turns = (isKnown: boolean): [Fault, Open[]][] =>
    faults.map((fault): [Fault, Open[]] => [
      fault,
      open.filter(
        ({ entry, instance }) =>
          instance.proves.some(({ id }) => fault.breaks.includes(id)) &&
          known.has(JSON.stringify([fault.id, entry.id])) === isKnown,
      ),
    ])
  return [...turns(true), ...turns(false)].filter(([, tried]) => tried.length > 0)
}

const alone = ({ entry, instance }: Open): Case => withInstances(entry, (one) => one === instance)

const isProved = ({ id }: Case, { name }: Instance, catches: readonly Catch[]): boolean =>
  catches.some((one) => one.case === id && one.instance === name && proves(one))

/** The instances that have caught no fault which breaks one of their rules. */
export function unprovedInstances(
  cases: readonly Case[],
  catches: readonly Catch[],
): { entry: Case; instance: Instance }[] {
  const proved = new Set(
    catches.filter(proves).map(({ case: id, instance }) => JSON.stringify([id, instance])),
  )
  return cases.flatMap((entry) =>
    entry.instances
      .filter(({ name }) => !proved.has(JSON.stringify([entry.id, name])))
      .map((instance) => ({ entry, instance })),
  )
}
