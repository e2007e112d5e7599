import { Worker } from 'node:worker_threads'
import type { Fault, Freedom } from '../../../fixtures/proxy/variant.ts'
import type { Case } from '../../chapters/chapter.ts'
import type { Player, VariantResults } from '../../prove/play/variant-player.ts'
import type { Delivery, Order, WorkerSettings } from './proof-worker.ts'

interface Waiting {
  resolve(results: VariantResults): void
  reject(error: Error): void
}

/** Plays cases in several threads, because one thread cannot use more than one core. Each has a server of its own. */
export class ProofWorkers implements Player {
  readonly #workers: ProofWorker[]

  /** `count`: how many threads, at least 1. */
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

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()))
  }
}

class ProofWorker {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #orders = 0
  /** Number of instances that are waiting or being played. */
  load = 0

  constructor(settings: WorkerSettings) {
    this.#worker = new Worker(new URL('proof-worker.js', import.meta.url), { workerData: settings })
    this.#worker.on('message', ({ number, results }: Delivery) => this.#take(number)?.resolve(results))
    this.#worker.on('error', (error: Error) => {
      for (const number of this.#waiting.keys()) this.#take(number)?.reject(error)
    })
  }

  async play(variant: Fault | Freedom, cases: readonly Case[], slow?: number): Promise<VariantResults> {
    const instances = cases.reduce((sum, one) => sum + one.instances.length, 0)
    this.load += instances
    try {
      return await new Promise<VariantResults>((resolve, reject) => {
        const number = this.#orders++
        this.#waiting.set(number, { resolve, reject })
        const kind = 'permits' in variant ? 'freedom' : 'fault'
        this.#worker.postMessage({ number, kind, variant: variant.id, cases, slow } satisfies Order)
      })
    } finally {
      this.load -= instances
    }
  }

  abort(): void {
    this.#worker.postMessage('abort')
  }

  /** Ends the thread with everything that it has opened. */
  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    return waiting
  }
}
