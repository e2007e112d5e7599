import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Fault, Freedom } from '../../../fixtures/proxy/variant.ts'
import type { Case } from '../../chapters/chapter.ts'
import type { VariantResults } from '../../prove/play/play-on-target.ts'
import type { Player } from '../../prove/play/variant-player.ts'
import type { Delivery, Order, WorkerSettings } from './proof-worker.ts'

interface Waiting {
  resolve(results: VariantResults): void
  reject(error: Error): void
}

/** Plays cases in several processes, because one cannot use more than one core. Each has a server of its own. */
export class ProofWorkers implements Player {
  readonly #workers: ProofWorker[]

  /** `count`: how many processes, at least 1. */
  constructor(count: number, settings: WorkerSettings, signal: AbortSignal) {
    this.#workers = Array.from({ length: count }, () => new ProofWorker(settings))
    signal.addEventListener('abort', () => {
      for (const worker of this.#workers) worker.abort()
    })
  }

  play(variant: Fault | Freedom, cases: readonly Case[], slow?: number): Promise<VariantResults> {
    const [first, ...others] = this.#workers
    if (first === undefined) throw new Error('a proof needs at least one worker')
    const idle = others.reduce((best, worker) => (worker.load < best.load ? worker : best), first)
    return idle.play(variant, cases, slow)
  }

  close(): void {
    for (const worker of this.#workers) worker.close()
  }
}

class ProofWorker {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #orders = 0
  /** Number of instances that are waiting or being played. */
  load = 0

  constructor(settings: WorkerSettings) {
    const file = fileURLToPath(new URL('proof-worker.js', import.meta.url))
    this.#process = fork(file, [JSON.stringify(settings)], { serialization: 'advanced' })
    this.#process.on('message', (message) => {
      const { number, results } = message as Delivery
      this.#take(number)?.resolve(results)
    })
    this.#process.on('error', (error) => this.#fail(error))
    this.#process.on('exit', (code, signal) =>
      this.#fail(new Error(`a process of the proof ended with ${signal ?? `exit code ${code}`}`)),
    )
  }

  async play(variant: Fault | Freedom, cases: readonly Case[], slow?: number): Promise<VariantResults> {
    const instances = cases.reduce((sum, one) => sum + one.instances.length, 0)
    this.load += instances
    try {
      return await new Promise<VariantResults>((resolve, reject) => {
        const number = this.#orders++
        this.#waiting.set(number, { resolve, reject })
        const kind = 'permits' in variant ? 'freedom' : 'fault'
        this.#process.send({ number, kind, variant: variant.id, cases, slow } satisfies Order)
      })
    } finally {
      this.load -= instances
    }
  }

  abort(): void {
    this.#process.send('abort')
  }

  /** Ends the process with everything that it has opened. */
  close(): void {
    this.#process.kill('SIGKILL')
  }

  #fail(error: Error): void {
    for (const number of this.#waiting.keys()) this.#take(number)?.reject(error)
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    return waiting
  }
}
