import type { ChangeNotifier } from './change-notifier.ts'

/** An observation and its time, in milliseconds since the start of the case. */
export interface Timed<T> {
  readonly at: number
  readonly seen: T
}

/** Observations of one connection, in order of arrival. Each connection has its own inbox. */
export class Inbox<T> {
  readonly #all: Timed<T>[] = []
  readonly #changes: ChangeNotifier
  #taken = 0

  constructor(changes: ChangeNotifier) {
    this.#changes = changes
  }

  put(at: number, seen: T): void {
    this.#all.push({ at, seen })
    this.#changes.notify()
  }

  get size(): number {
    return this.#all.length
  }

  /** Takes all observations that have arrived. */
  takeAll(): void {
    this.#taken = this.#all.length
  }

  /** The next observation, or undefined if none arrives before `signal` aborts. */
  async next(signal: AbortSignal): Promise<Timed<T> | undefined> {
    const there = await this.#changes.until(() => this.#taken < this.#all.length, signal)
    return there ? this.#all[this.#taken++] : undefined
  }
}
