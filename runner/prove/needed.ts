import type { Fault } from '../../fixtures/proxy/variant.ts'
import type { Case } from '../chapters/chapter.ts'
import type { Result } from '../run/result.ts'
import { forEachConcurrently } from './play/concurrently.ts'
import { catchesIn, proves } from './play/detections.ts'
import type { Matrix } from './play/matrix.ts'
import { mutantOf, type Open, originalsOf, type Turn, withNamed } from './mutants.ts'
import { type Mutation, mutationsOf } from './mutations.ts'
import { withConforming } from './needed-to-conform.ts'
import type { Catch, NeedlessExpectation } from './play/proof.ts'
import { canNotice, firstInstance } from './play/select-cases.ts'

/**
 * Takes each demand of each case away in turn. A demand is needed if a fault that it caught is not caught without it, or
 * if the case then fails, or can no longer be judged, on a server that conforms. Collects the others.
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
  open = await withPatience(open, matrix)
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
  const { atOnce, signal, onProgress } = matrix.options
  let open = [...all]
  for (let round = 0; open.some(({ chances }) => chances.length > round); round++) {
    const missed = new Set<Open>()
    const turns = turnsOf(open, ({ chances }) => chances.slice(round, round + 1))
    await forEachConcurrently([...turns], atOnce, signal, async ([id, own]) => {
      for (const one of await missedBy(id, own, matrix)) missed.add(one)
    })
    if (signal.aborted) return []
    open = open.filter((one) => !missed.has(one))
    onProgress(all.length - open.length, all.length, 'every expectation')
  }
  return open
}

/** The factor for the time-outs of a replay, and how many faults are then played at the same time. */
const patient = { slow: 1, atOnce: 4 } as const

/**
 * Plays the mutated cases, and the cases themselves, once more with each fault and with full time-outs: with shorter ones
 * both may fail for want of time.
 */
async function withPatience(all: readonly Open[], matrix: Matrix): Promise<Open[]> {
  const missed = new Set<Open>()
  const turns = turnsOf(all, ({ chances }) => chances)
  await forEachConcurrently([...turns], patient.atOnce, matrix.options.signal, async ([id, own]) => {
    const left = own.filter(({ open }) => !missed.has(open))
    if (left.length > 0) for (const one of await missedBy(id, left, matrix, patient.slow)) missed.add(one)
  })
  return withWideFaults(
    all.filter((one) => !missed.has(one)),
    matrix,
    patient.slow,
  )
}

/** The mutated cases by fault: each with those of the faults that caught it which are to be played. */
function turnsOf(open: readonly Open[], played: (one: Open) => Open['chances']): Map<string, Turn[]> {
  const turns = new Map<string, Turn[]>()
  for (const one of open)
    for (const [fault, instances] of played(one)) {
      const mutant = mutantOf(one, turns.get(fault)?.length ?? 0, (name) => instances.has(name))
      if (mutant.instances.length > 0) turns.set(fault, [...(turns.get(fault) ?? []), { open: one, mutant }])
    }
  return turns
}

/** The mutated cases of which at least one instance is judged otherwise behind the fault than the case itself. */
async function missedBy(id: string, turns: readonly Turn[], matrix: Matrix, slow?: number): Promise<Open[]> {
  const fault = matrix.options.faults.find((one) => one.id === id)
  if (fault === undefined) return []
  const originals = slow === undefined ? [] : originalsOf(turns)
  const results = await matrix.results(fault, [...originals, ...turns.map(({ mutant }) => mutant)], slow)
  const catches =
    slow === undefined
      ? matrix.catches.filter((one) => one.fault === id)
      : catchesIn(results, fault, matrix.expectations)
  const played = { fault, turns, results, catches, isReplay: slow !== undefined }
  return (await missedIn(played, matrix)).map(({ open }) => open)
}

/** Mutated cases that were played with a fault, and what the cases themselves have caught. */
interface Played {
  readonly fault: Fault
  readonly turns: readonly Turn[]
  readonly results: readonly Result[]
  readonly catches: readonly Catch[]
  readonly isReplay: boolean
}

/**
 * The mutated cases that are judged otherwise than the case itself. One that does not pass may have failed for want of time:
 * both are then played once more with full time-outs.
 */
async function missedIn(
  { fault, turns, results, catches, isReplay }: Played,
  matrix: Matrix,
): Promise<readonly Turn[]> {
  const missed = turns.filter((turn) => isMissed(turn, results, catches, matrix))
  const passes = ({ mutant }: Turn): boolean =>
    results.some(({ id, verdict }) => id === mutant.id && verdict === 'pass')
  const doubtful = isReplay ? [] : missed.filter((turn) => !passes(turn))
  if (doubtful.length === 0) return missed
  const again = [...originalsOf(doubtful), ...doubtful.map(({ mutant }) => mutant)]
  const replayed = await matrix.results(fault, again, patient.slow)
  const caught = catchesIn(replayed, fault, matrix.expectations)
  return missed.filter((turn) => passes(turn) || isMissed(turn, replayed, caught, matrix))
}

/** Whether an instance of the mutated case is judged otherwise than the case itself. */
const isMissed = (
  turn: Turn,
  results: readonly Result[],
  catches: readonly Catch[],
  matrix: Matrix,
): boolean =>
  results.some(
    (result) =>
      result.id === turn.mutant.id &&
      catches.some(
        (one) =>
          isCatchOf(turn, one) && one.instance === result.instance && !isSameVerdict(one, result, matrix),
      ),
  )

/** Whether a result condemns as the catch does: with the same verdict, by an expectation. */
const isSameVerdict = (
  { verdict }: Pick<Catch, 'verdict'>,
  result: Result,
  { expectations }: Matrix,
): boolean => result.verdict === verdict && result.step !== undefined && expectations.has(result.step.verb)

/** The wide faults that are played at the same time: what one of them misses need not be played behind the next. */
const wideAtOnce = 4

/**
 * Plays each case behind the wide faults, and the mutated cases whose step has then failed, and returns those that are always
 * judged alike. Of cases that take long, one instance is played.
 */
async function withWideFaults(all: readonly Open[], matrix: Matrix, slow?: number): Promise<Open[]> {
  const { faults, atOnce, signal } = matrix.options
  const turns = all.map((open, number): Turn => ({
    open,
    mutant: briefly(mutantOf(open, number, () => true)),
  }))
  const missed = new Set<string>()
  const wide = faults.filter((fault) => fault.wide)
  await forEachConcurrently(wide, Math.min(atOnce, wideAtOnce), signal, async (fault) => {
    const left = turns.filter(({ mutant }) => !missed.has(mutant.id) && canTouch(mutant, fault))
    if (left.length === 0) return
    const catches = await matrix.detections(fault, originalsOf(left), slow)
    const caught = left
      .map((turn) =>
        withNamed(
          turn,
          catches.filter((one) => isCatchOf(turn, one)),
        ),
      )
      .filter(({ mutant }) => mutant.instances.length > 0)
    if (caught.length === 0) return
    const results = await matrix.results(
      fault,
      caught.map(({ mutant }) => mutant),
      slow,
    )
    const played = { fault, turns: caught, results, catches, isReplay: slow !== undefined }
    for (const { mutant } of await missedIn(played, matrix)) missed.add(mutant.id)
  })
  return turns.filter(({ mutant }) => !missed.has(mutant.id)).map(({ open }) => open)
}

const briefly = (entry: Case): Case => (entry.full ? firstInstance(entry) : entry)

const canTouch = ({ instances }: Case, fault: Fault): boolean =>
  instances.some((instance) => canNotice(instance, fault))

const isCatchOf = ({ open: { mutation } }: Turn, one: Catch): boolean =>
  one.case === mutation.entry.id && one.step === mutation.step.index

const needlessOf = ({ entry, step, path }: Mutation): NeedlessExpectation => ({
  case: entry.id,
  step: step.index,
  at: `${step.place.file}:${step.place.line}:${step.place.column}`,
  verb: step.verb,
  demand: path.join('.'),
})
