import type { Fault } from '../../fixtures/faults/proxy/fault.ts'
import type { Case } from '../chapters/chapter.ts'
import { noFault, FaultPlayer } from './fault-player.ts'
import { proves, detectionsIn } from './detections.ts'
import { firstInstance, otherInstances, withInstances, casesAbout, sampleUnrelated } from './select-cases.ts'
import type { Defect, Proof, NotPassing, Detection } from './proof.ts'
import { caseProof, isExplained, buildProof } from './build-proof.ts'
import type { ProveOptions } from './options.ts'
import { forEachConcurrently } from './concurrently.ts'

/** Plays every case without a fault, and behind each fault the cases that it should fail and a sample of the others. */
export async function prove(all: ProveOptions): Promise<Proof> {
  // A case that takes long is proved by its first instance alone.
  const cases = all.cases.map((entry) => (entry.full ? firstInstance(entry) : entry))
  const options = { ...all, cases }
  const player = new FaultPlayer(options)
  const matrix = new Matrix(options, player)
  try {
    await matrix.playWithoutFault()
    await matrix.playBehindEachFault()
    await matrix.replayDoubtful()
  } finally {
    await player.close()
  }
  return buildProof(options, matrix)
}

/** The detections, defects and instances that did not pass, as they are found. */
class Matrix {
  readonly detections: Detection[] = []
  readonly defects: Defect[] = []
  readonly notPassing: NotPassing[] = []
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

  async playBehindEachFault(): Promise<void> {
    const { faults, atOnce, signal, onProgress } = this.#options
    let done = 1
    await forEachConcurrently(faults, atOnce, signal, async (fault) => {
      const detections = await this.#behind(fault)
      this.detections.push(...detections)
      onProgress(++done, faults.length + 1, fault.id)
    })
  }

  /** Plays the first instance of each case; the others only if the first does not detect the fault. */
  async #behind(fault: Fault): Promise<Detection[]> {
    const { cases, seed } = this.#options
    const related = casesAbout(cases, fault)
    const others = sampleUnrelated(cases, fault, this.#options.sample, seed)
    const first = await this.#play(fault, [...related.map(firstInstance), ...others])
    const undetecting = related.filter(({ id }) => !first.some((one) => one.case === id && proves(one)))
    const rest = otherInstances(undetecting)
    return rest.length === 0 ? first : [...first, ...(await this.#play(fault, rest))]
  }

  /** Ignores all results if the proxy or the runner failed. */
  async #play(fault: Fault, cases: readonly Case[], slow?: number): Promise<Detection[]> {
    const { results, defects } = await this.#player.play(fault, cases, slow)
    this.#note(fault, defects)
    return defects.length > 0 ? [] : detectionsIn(results, fault, this.#expectations)
  }

  #note({ id }: Fault, defects: readonly string[]): void {
    this.defects.push(...defects.map((what) => ({ fault: id, what })))
  }

  /** Replays unexplained damage and missed faults with longer time-outs: first with less concurrency, then alone. */
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
      const { detections } = this
      const kept = detections.filter((one) => one.fault !== fault.id || !ids.has(one.case))
      detections.splice(0, detections.length, ...kept, ...again)
    })
  }

  #damaged(fault: Fault): Case[] {
    const damage = this.detections.filter(
      (one) => one.fault === fault.id && !one.related && !isExplained(one, fault),
    )
    return this.#options.cases.flatMap((entry) => {
      const names = damage.filter((one) => one.case === entry.id).map(({ instance }) => instance)
      return names.length === 0 ? [] : [withInstances(entry, ({ name }) => names.includes(name))]
    })
  }

  /** The cases that should detect the fault, if none has detected it, or if they prove a requirement that is still unproved. */
  #missed(fault: Fault): Case[] {
    const { cases, faults } = this.#options
    const { detections } = this
    const isCaught = detections.some((one) => one.fault === fault.id && proves(one))
    return casesAbout(cases, fault).filter(
      (entry) =>
        !isCaught || caseProof(entry, faults, detections).unbroken.some((id) => fault.breaks.includes(id)),
    )
  }
}
