import type { Fault } from '../../fixtures/proxy/variant.ts'
import type { Case, Instance } from '../chapters/chapter.ts'
import { forEachConcurrently } from './play/concurrently.ts'
import { proves } from './play/detections.ts'
import type { Matrix } from './play/matrix.ts'
import type { Catch } from './play/proof.ts'
import { withInstances } from './play/select-cases.ts'

/** An instance that has caught no fault yet, and the faults that it could catch. */
interface Open {
  readonly entry: Case
  readonly instance: Instance
  readonly candidates: readonly Fault[]
}

/** Plays each instance that has caught no fault yet, with one fault after another that breaks its rules, until it catches one. */
export async function proveEachInstance(matrix: Matrix): Promise<void> {
  await playOpen(matrix, matrix.options.slow)
  // What is still open is doubtful: once more with full bounds.
  await playOpen(matrix, 1)
}

async function playOpen(matrix: Matrix, slow: number): Promise<void> {
  const { cases, atOnce, signal, onProgress } = matrix.options
  let open = unprovedInstances(cases, matrix.catches).map((one) => ({
    ...one,
    candidates: candidatesFor(one, matrix),
  }))
  const total = open.length
  for (let round = 0; open.some(({ candidates }) => candidates.length > round); round++) {
    const turns = [...byFault(open, round)]
    await forEachConcurrently(turns, atOnce, signal, async ([fault, tried]) => {
      matrix.catches.push(...(await matrix.detections(fault, tried.map(alone), slow)))
    })
    if (signal.aborted) return
    open = open.filter(({ entry, instance }) => !isProved(entry, instance, matrix.catches))
    onProgress(total - open.length, total, 'every instance')
  }
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

/** The faults that break a rule of the instance; first those that another instance of the case has caught. */
function candidatesFor(
  { entry, instance }: Omit<Open, 'candidates'>,
  { catches, options: { faults } }: Matrix,
): Fault[] {
  const known = new Set(
    catches.filter((one) => one.case === entry.id && proves(one)).map(({ fault }) => fault),
  )
  const related = faults.filter(({ breaks }) => instance.proves.some(({ id }) => breaks.includes(id)))
  return [...related.filter(({ id }) => known.has(id)), ...related.filter(({ id }) => !known.has(id))]
}

function byFault(open: readonly Open[], round: number): Map<Fault, Open[]> {
  const turns = new Map<Fault, Open[]>()
  for (const one of open) {
    const fault = one.candidates[round]
    if (fault !== undefined) turns.set(fault, [...(turns.get(fault) ?? []), one])
  }
  return turns
}
