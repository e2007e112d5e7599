import type { Fault, Freedom } from '../../fixtures/proxy/variant.ts'
import type { Case } from '../chapters/chapter.ts'
import { FaultPlayer, noFault } from './fault-player.ts'
import { catchesIn, proves } from './detections.ts'
import {
  casesProvingBroken,
  casesTouched,
  firstInstance,
  otherInstances,
  sample,
  withInstances,
} from './select-cases.ts'
import type { Accusation, Catch, Defect, Proof, NotPassing } from './proof.ts'
import { forEachConcurrently } from './concurrently.ts'
import { caseProof, isExplained, buildProof } from './build-proof.ts'
import type { ProveOptions } from './options.ts'

/** Plays every case without a fault, and with each fault the cases that prove a broken requirement and a sample of others. */
export async function prove(all: ProveOptions): Promise<Proof> {
  // Of a case that takes long, only one instance is played.
  const cases = all.cases.map((entry) => (entry.full ? firstInstance(entry) : entry))
  const options = { ...all, cases }
  const player = new FaultPlayer(options)
  const matrix = new Matrix(options, player)
  try {
    await matrix.playWithoutFault()
    await matrix.playEachFault()
    await matrix.replayDoubtful()
    await matrix.playEachFreedom()
  } finally {
    await player.close()
  }
  return buildProof(options, matrix)
}

/** Collects the detections, the defects and the instances that do not pass without a fault. */
class Matrix {
  readonly catches: Catch[] = []
  readonly defects: Defect[] = []
  readonly notPassing: NotPassing[] = []
  readonly accusations: Accusation[] = []
  readonly #options: ProveOptions
  readonly #player: FaultPlayer
  readonly #expectations: ReadonlySet<string>

  constructor(options: ProveOptions, player: FaultPlayer) {
    this.#options = options
    this.#player = player
    this.#expectations = new Set(options.verbs.filter(({ expects }) => expects).map(({ name }) => name))
  }

  async playWithoutFault(): Promise<void> {
    const { cases, faults, onProgress } = this.#options
    onProgress(0, faults.length + 1, 'every case without a fault')
    const { results, defects } = await this.#player.play(noFault, cases, 1)
    for (const { id, instance, verdict, reason } of results)
      if (verdict !== 'pass') this.notPassing.push({ id, instance, verdict, reason })
    this.#note(noFault, defects)
  }

  async playEachFault(): Promise<void> {
    const { faults, atOnce, signal, onProgress } = this.#options
    let done = 1
    await forEachConcurrently(faults, atOnce, signal, async (fault) => {
      const catches = await this.#behind(fault)
      this.catches.push(...catches)
      onProgress(++done, faults.length + 1, fault.id)
    })
  }

  /** Plays every case that a freedom touches behind it: none may fail or warn. */
  async playEachFreedom(): Promise<void> {
    const { cases, freedoms, atOnce, signal, onProgress } = this.#options
    let done = 0
    // Each plays many cases, so few are played concurrently.
    await forEachConcurrently(freedoms, Math.ceil(atOnce / 8), signal, async (freedom) => {
      const accused = await this.#accused(freedom, casesTouched(cases, freedom))
      // A false alarm that does not come again was due to the load.
      const again = accused.length === 0 ? [] : await this.#accused(freedom, instancesOf(cases, accused))
      this.accusations.push(...again)
      onProgress(++done, freedoms.length, freedom.id)
    })
  }

  async #accused(freedom: Freedom, cases: readonly Case[]): Promise<Accusation[]> {
    const { results, defects } = await this.#player.play(freedom, cases, 1)
    this.#note(freedom, defects)
    return results.flatMap(({ id, instance, verdict, reason }): Accusation[] =>
      verdict === 'fail' || verdict === 'warn'
        ? [{ freedom: freedom.id, case: id, instance, verdict, reason }]
        : [],
    )
  }

  /** Plays the first instance of each related case, and the other instances only if the first one did not notice the fault. */
  async #behind(fault: Fault): Promise<Catch[]> {
    const { cases, seed } = this.#options
    const related = casesProvingBroken(cases, fault)
    const others = sample(cases, fault, this.#options.sample, seed)
    const first = await this.#play(fault, [...related.map(firstInstance), ...others])
    const missing = related.filter(({ id }) => !first.some((one) => one.case === id && proves(one)))
    const rest = otherInstances(missing)
    return rest.length === 0 ? first : [...first, ...(await this.#play(fault, rest))]
  }

  /** The detections with a fault; none if the proxy or the runner failed, because the results are then unreliable. */
  async #play(fault: Fault, cases: readonly Case[], slow?: number): Promise<Catch[]> {
    const { results, defects } = await this.#player.play(fault, cases, slow)
    this.#note(fault, defects)
    return defects.length > 0 ? [] : catchesIn(results, fault, this.#expectations)
  }

  #note({ id }: Fault | Freedom, defects: readonly string[]): void {
    this.defects.push(...defects.map((what) => ({ fault: id, what })))
  }

  /** Replays doubtful results (unexplained damage, missed faults) with full bounds: with less concurrency first, then alone. */
  async replayDoubtful(): Promise<void> {
    await this.#replayDoubtful(Math.ceil(this.#options.atOnce / 2))
    await this.#replayDoubtful(1)
  }

  async #replayDoubtful(atOnce: number): Promise<void> {
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

  /** The cases that prove a requirement which the fault breaks, if no case noticed the fault or such a requirement is still unproved. */
  #missed(fault: Fault): Case[] {
    const { cases, faults } = this.#options
    const { catches } = this
    const isCaught = catches.some((one) => one.fault === fault.id && proves(one))
    return casesProvingBroken(cases, fault).filter(
      (entry) =>
        !isCaught || caseProof(entry, faults, catches).unbroken.some((id) => fault.breaks.includes(id)),
    )
  }
}

/** The instances that were accused. */
const instancesOf = (cases: readonly Case[], accused: readonly Accusation[]): Case[] =>
  cases.flatMap((entry) => {
    const names = accused.filter((one) => one.case === entry.id).map(({ instance }) => instance)
    return names.length === 0 ? [] : [withInstances(entry, ({ name }) => names.includes(name))]
  })
