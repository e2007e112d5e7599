import type { Fault, Freedom } from '../../fixtures/proxy/variant.ts'
import type { Result, Verdict } from '../run/result.ts'
import { mutantOf, type Open, originalsOf, type Turn, withNamed } from './mutants.ts'
import { forEachConcurrently } from './play/concurrently.ts'
import type { Matrix } from './play/matrix.ts'
import { casesTouched } from './play/select-cases.ts'
import { noFault } from './play/variant-player.ts'

/** Plays each mutated case behind servers that conform, and returns those that are judged there like the case itself. */
export async function withConforming(all: readonly Open[], matrix: Matrix): Promise<Open[]> {
  const { freedoms, atOnce, signal } = matrix.options
  const turns = all.map((open, number): Turn => ({ open, mutant: mutantOf(open, number, () => true) }))
  const missed = new Set<string>()
  const variants: readonly (Fault | Freedom)[] = [noFault, ...freedoms]
  await forEachConcurrently(variants, atOnce, signal, async (variant) => {
    const left = turns.filter(({ mutant }) => !missed.has(mutant.id))
    const mutants = left.map(({ mutant }) => mutant)
    const played = variant === noFault ? mutants : casesTouched(mutants, variant)
    if (played.length === 0) return
    const results = await matrix.results(variant, played, 1)
    for (const { id, verdict } of results) if (isAlarm(verdict)) missed.add(id)
    for (const id of await notJudged(left, results, variant, matrix)) missed.add(id)
  })
  return turns.filter(({ mutant }) => !missed.has(mutant.id)).map(({ open }) => open)
}

const isAlarm = (verdict: Verdict): boolean => verdict === 'fail' || verdict === 'warn'

/** The mutated cases that could not be judged, and cannot when they are played once more, although the case itself passes. */
async function notJudged(
  turns: readonly Turn[],
  results: readonly Result[],
  variant: Fault | Freedom,
  matrix: Matrix,
): Promise<string[]> {
  const isOpen = ({ verdict }: Result): boolean => verdict === 'inconclusive'
  const doubtful = turns
    .map((turn) =>
      withNamed(
        turn,
        results.filter((one) => one.id === turn.mutant.id && isOpen(one)),
      ),
    )
    .filter(({ mutant }) => mutant.instances.length > 0)
  if (doubtful.length === 0) return []
  const again = [...originalsOf(doubtful), ...doubtful.map(({ mutant }) => mutant)]
  const replayed = await matrix.results(variant, again, 1)
  const passes = (id: string, instance: string): boolean =>
    replayed.some((one) => one.id === id && one.instance === instance && one.verdict === 'pass')
  return doubtful
    .filter(({ mutant, open }) =>
      replayed.some(
        (one) => one.id === mutant.id && isOpen(one) && passes(open.mutation.entry.id, one.instance),
      ),
    )
    .map(({ mutant }) => mutant.id)
}
