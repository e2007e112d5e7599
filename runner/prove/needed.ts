import type { Fault, Freedom } from '../../fixtures/proxy/variant.ts'
import type { Case } from '../chapters/chapter.ts'
import type { Result } from '../run/result.ts'
import { forEachConcurrently } from './play/concurrently.ts'
import { catchesIn, proves } from './play/detections.ts'
import type { Matrix } from './play/matrix.ts'
import { mutated, type Mutation, mutationsOf } from './mutations.ts'
import type { Catch, NeedlessExpectation } from './play/proof.ts'
import { casesTouched } from './play/select-cases.ts'
import { noFault } from './play/variant-player.ts'

/** A mutation that nothing has missed yet, and the catches that may miss it, by fault. */
interface Open {
  readonly mutation: Mutation
  readonly chances: readonly (readonly [fault: string, instances: ReadonlySet<string>])[]
}

/** One mutated case, under an id of its own, so that several mutations of a case can be played together. */
interface Turn {
  readonly open: Open
  readonly mutant: Case
}

/**
 * Takes each demand of each case away in turn. A demand is needed if a fault that it caught is not caught without it, or
 * if the case then fails on a server that conforms. Collects the others.
 */
export async function findNeedless(matrix: Matrix): Promise<void> {
  const verbs = new Map(matrix.options.verbs.map((verb) => [verb.name, verb]))
  const all = matrix.options.cases.flatMap((entry) => mutationsOf(entry, verbs))
  matrix.mutations = all.length
  let open = all
    .filter((mutation) => !isNeededAnyway(mutation, matrix))
    .map((mutation) => ({
      mutation,
      chances: chancesOf(mutation, matrix.catches),
    }))
  open = await withFaults(open, matrix)
  open = await withWideFaults(open, matrix)
  open = await withConforming(open, matrix)
  matrix.needless.push(...open.map(({ mutation }) => needlessOf(mutation)))
}

/** The last expectation of a case that has caught a fault is needed: without it nothing is left that could. */
function isNeededAnyway({ entry, step, path }: Mutation, matrix: Matrix): boolean {
  const later = entry.instances[0]?.steps.some(
    ({ index, verb, given }) => index > step.index && !given && matrix.expectations.has(verb),
  )
  return path.length === 0 && later === false && caughtBy(entry, step.index, matrix.catches).length > 0
}

const caughtBy = ({ id }: Case, step: number, catches: readonly Catch[]): Catch[] =>
  catches.filter((one) => one.case === id && one.step === step && proves(one))

function chancesOf({ entry, step }: Mutation, catches: readonly Catch[]): Open['chances'] {
  const chances = new Map<string, Set<string>>()
  for (const { fault, instance } of caughtBy(entry, step.index, catches))
    chances.set(fault, (chances.get(fault) ?? new Set()).add(instance))
  return [...chances]
}

/** Plays each mutated case with one fault after another, and returns those that still catch all. */
async function withFaults(all: readonly Open[], matrix: Matrix): Promise<Open[]> {
  const { atOnce, faults, signal, onProgress } = matrix.options
  let open = [...all]
  for (let round = 0; open.some(({ chances }) => chances.length > round); round++) {
    const missed = new Set<Open>()
    await forEachConcurrently([...turnsOf(open, round)], atOnce, signal, async ([id, turns]) => {
      const fault = faults.find((one) => one.id === id)
      if (fault !== undefined) for (const one of await missedBy(fault, turns, matrix)) missed.add(one)
    })
    if (signal.aborted) return []
    open = open.filter((one) => !missed.has(one))
    onProgress(all.length - open.length, all.length, 'every expectation')
  }
  return open
}

function turnsOf(open: readonly Open[], round: number): Map<string, Turn[]> {
  const turns = new Map<string, Turn[]>()
  for (const one of open) {
    const [fault, instances] = one.chances[round] ?? []
    if (fault === undefined || instances === undefined) continue
    const mutant = mutantOf(one, turns.get(fault)?.length ?? 0, (name) => instances.has(name))
    if (mutant.instances.length > 0) turns.set(fault, [...(turns.get(fault) ?? []), { open: one, mutant }])
  }
  return turns
}

function mutantOf({ mutation }: Open, number: number, isWanted: (instance: string) => boolean): Case {
  const entry = mutated(mutation, isWanted)
  return { ...entry, id: `${entry.id}#${number}` }
}

/** The mutated cases of which at least one instance is judged otherwise behind the fault than the case itself. */
async function missedBy(fault: Fault, turns: readonly Turn[], matrix: Matrix): Promise<Open[]> {
  const mutants = turns.map(({ mutant }) => mutant)
  const results = await matrix.results(fault, mutants)
  return turns
    .filter(({ mutant, open: { mutation } }) =>
      results.some(
        (result) =>
          result.id === mutant.id &&
          matrix.catches.some(
            (one) =>
              one.fault === fault.id &&
              one.case === mutation.entry.id &&
              one.instance === result.instance &&
              one.step === mutation.step.index &&
              !isSameVerdict(one, result, matrix),
          ),
      ),
    )
    .map(({ open }) => open)
}

/** Whether a result condemns as the catch does: with the same verdict, by an expectation. */
const isSameVerdict = (
  { verdict }: Pick<Catch, 'verdict'>,
  result: Result,
  { expectations }: Matrix,
): boolean => result.verdict === verdict && result.step !== undefined && expectations.has(result.step.verb)

/** Plays each mutated case, and the case itself, behind the wide faults, and returns those that are always judged alike. */
async function withWideFaults(all: readonly Open[], matrix: Matrix): Promise<Open[]> {
  const { faults, atOnce, signal } = matrix.options
  const turns = all.map((open, number): Turn => ({ open, mutant: mutantOf(open, number, () => true) }))
  const missed = new Set<string>()
  const wide = faults.filter((fault) => fault.wide)
  await forEachConcurrently(wide, atOnce, signal, async (fault) => {
    const left = turns.filter(({ mutant }) => !missed.has(mutant.id) && canTouch(mutant, fault))
    const originals = new Set(left.map(({ open: { mutation } }) => mutation.entry))
    const results = await matrix.results(fault, [...originals, ...left.map(({ mutant }) => mutant)])
    const caught = new Map(
      catchesIn(results, fault, matrix.expectations).map((one) => [
        `${one.case} ${one.instance} ${one.step}`,
        one,
      ]),
    )
    for (const {
      mutant,
      open: { mutation },
    } of left)
      for (const result of results.filter(({ id }) => id === mutant.id)) {
        const one = caught.get(`${mutation.entry.id} ${result.instance} ${mutation.step.index}`)
        if (one !== undefined && !isSameVerdict(one, result, matrix)) missed.add(mutant.id)
      }
  })
  return turns.filter(({ mutant }) => !missed.has(mutant.id)).map(({ open }) => open)
}

const canTouch = (entry: Case, fault: Fault): boolean => casesTouched([entry], fault).length > 0

/** Plays each mutated case behind servers that conform, and returns those that fail behind none. */
async function withConforming(all: readonly Open[], matrix: Matrix): Promise<Open[]> {
  const { freedoms, atOnce, signal } = matrix.options
  const turns = all.map((open, number): Turn => ({ open, mutant: mutantOf(open, number, () => true) }))
  const missed = new Set<string>()
  const variants: readonly (Fault | Freedom)[] = [noFault, ...freedoms]
  await forEachConcurrently(variants, atOnce, signal, async (variant) => {
    const left = turns.map(({ mutant }) => mutant).filter(({ id }) => !missed.has(id))
    const played = variant === noFault ? left : casesTouched(left, variant)
    if (played.length === 0) return
    const isMissed = ({ verdict }: Result): boolean => verdict === 'fail' || verdict === 'warn'
    for (const result of await matrix.results(variant, played, 1)) if (isMissed(result)) missed.add(result.id)
  })
  return turns.filter(({ mutant }) => !missed.has(mutant.id)).map(({ open }) => open)
}

const needlessOf = ({ entry, step, path }: Mutation): NeedlessExpectation => ({
  case: entry.id,
  step: step.index,
  at: `${step.place.file}:${step.place.line}:${step.place.column}`,
  verb: step.verb,
  demand: path.join('.'),
})
