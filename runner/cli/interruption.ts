import type { RunStatus } from '../report/summary.ts'
import type { Io } from './io.ts'

const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Ends a command early. The first SIGINT or SIGTERM aborts `signal`; after that, signals have their default effect
 * again, so that a second one ends the process at once.
 */
export class Interruption {
  readonly #controller = new AbortController()
  readonly #source: NonNullable<Io['signals']>
  readonly #timer: NodeJS.Timeout | undefined
  #status: RunStatus = 'complete'

  /** `timeoutMs` limits the duration of the command, in milliseconds. */
  constructor(io: Io, timeoutMs?: number) {
    this.#source = io.signals ?? process
    for (const name of signals) this.#source.on(name, this.#interrupt)
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.#end('timed out'), timeoutMs)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get status(): RunStatus {
    return this.#status
  }

  /** Resolves when `signal` aborts. */
  async wait(): Promise<void> {
    if (this.signal.aborted) return
    await new Promise((resolve) => this.signal.addEventListener('abort', resolve, { once: true }))
  }

  dispose(): void {
    clearTimeout(this.#timer)
    for (const name of signals) this.#source.off(name, this.#interrupt)
  }

  readonly #interrupt = (): void => this.#end('interrupted')

  #end(status: RunStatus): void {
    this.#status = status
    this.dispose()
    this.#controller.abort()
  }
}
