import type { Fault } from '../../fixtures/faults/proxy/fault.ts'
import type { Case } from '../chapters/chapter.ts'
import { Bench, noFault } from './fault-player.ts'
import { catchesIn, proves } from './detections.ts'
import { covered, firstInstance, otherInstances, sample, withInstances } from './select-cases.ts'
import type { Catch, Defect, Proof, NotPassing } from './proof.ts'
import { forEachConcurrently } from './concurrently.ts'
import { caseProof, isExplained, summarise } from './build-proof.ts'
import type { ProveOptions } from './options.ts'

/** Plays the matrix: every case without a fault, and behind each fault the cases that it concerns. */
export async function prove(all: ProveOptions): Promise<Proof> {
  // Of what takes long, one instance has to do.
  const cases = all.cases.map((entry) => (entry.full ? firstInstance(entry) : entry))
  const options = { ...all, cases }
  const bench = new Bench(options)
  const matrix = new Matrix(options, bench)
  try {
    await matrix.withoutFault()
    await matrix.behindEach()
    await matrix.lookAgain()
  } finally {
    await bench.close()
  }
  return summarise(options, matrix)
}

/** The catches, defects and instances that did not pass, as they are found. */
class Matrix {
  readonly catches: Catch[] = []
  readonly defects: Defect[] = []
  readonly notPassing: NotPassing[] = []
  readonly #options: ProveOptions
  readonly #bench: Bench
  readonly #expectations: ReadonlySet<string>

  constructor(options: ProveOptions, bench: Bench) {
    this.#options = options
    this.#bench = bench
    this.#expectations = new Set(options.verbs.filter(({ expects }) => expects).map(({ name }) => name))
  }

  async withoutFault(): Promise<void> {
    const { cases, faults, onProgress } = this.#options
    onProgress(0, faults.length + 1, 'every case without a fault')
    const { results, defects } = await this.#bench.play(noFault, cases, 1)
    for (const { id, instance, verdict, reason } of results)
      if (verdict !== 'pass') this.notPassing.push({ id, instance, verdict, reason })
    this.#note(noFault, defects)
  }

  async behindEach(): Promise<void> {
    const { faults, atOnce, signal, onProgress } = this.#options
    let done = 1
    await forEachConcurrently(faults, atOnce, signal, async (fault) => {
      const catches = await this.#behind(fault)
      this.catches.push(...catches)
      onProgress(++done, faults.length + 1, fault.id)
    })
  }

  /** One instance of each case, and the others only of those whose first instance noticed nothing. */
  async #behind(fault: Fault): Promise<Catch[]> {
    const { cases, seed } = this.#options
    const related = covered(cases, fault)
    const others = sample(cases, fault, this.#options.sample, seed)
    const first = await this.#play(fault, [...related.map(firstInstance), ...others])
    const unaware = related.filter(({ id }) => !first.some((one) => one.case === id && proves(one)))
    const rest = otherInstances(unaware)
    return rest.length === 0 ? first : [...first, ...(await this.#play(fault, rest))]
  }

  /** Nothing counts that was seen while the proxy or the runner broke down. */
  async #play(fault: Fault, cases: readonly Case[], slow?: number): Promise<Catch[]> {
    const { results, defects } = await this.#bench.play(fault, cases, slow)
    this.#note(fault, defects)
    return defects.length > 0 ? [] : catchesIn(results, fault, this.#expectations)
  }

  #note({ id }: Fault, defects: readonly string[]): void {
    this.defects.push(...defects.map((what) => ({ fault: id, what })))
  }

  /** What is suspicious is looked at again without haste, and then with nothing beside it: unexplained damage, and what was not caught. */
  async lookAgain(): Promise<void> {
    await this.#lookAgain(Math.ceil(this.#options.atOnce / 2))
    await this.#lookAgain(1)
  }

  async #lookAgain(atOnce: number): Promise<void> {
    const { faults, signal } = this.#options
    const doubts = faults
      .map((fault) => ({ fault, damaged: this.#damaged(fault), missed: this.#missed(fault) }))
      .filter(({ damaged, missed }) => damaged.length + missed.length > 0)
    await forEachConcurrently(doubts, atOnce, signal, async ({ fault, damaged, missed }) => {
      const again = await this.#play(fault, [...damaged, ...missed], 1)
      const ids = new Set([...damaged, ...missed].map(({ id }) => id))
      const { catches } = this
      const kept = catches.filter((one) => one.fault !== fault.id || !ids.has(one.case))
      catches.splice(0, catches.length, ...kept, ...again)
    })
  }

  #damaged(fault: Fault): Case[] {
    const damage = this.catches.filter(
      (one) => one.fault === fault.id && !one.related && !isExplained(one, fault),
    )
    return this.#options.cases.flatMap((entry) => {
      const names = damage.filter((one) => one.case === entry.id).map(({ instance }) => instance)
      return names.length === 0 ? [] : [withInstances(entry, ({ name }) => names.includes(name))]
    })
  }

  /** The cases that should have noticed the fault, if nobody has, or as far as something they prove is still unproved. */
  #missed(fault: Fault): Case[] {
    const { cases, faults } = this.#options
    const { catches } = this
    const isCaught = catches.some((one) => one.fault === fault.id && proves(one))
    return covered(cases, fault).filter(
      (entry) =>
        !isCaught || caseProof(entry, faults, catches).unbroken.some((id) => fault.breaks.includes(id)),
    )
  }
}
