import type { ChangeNotifier } from './change-notifier.ts'

/** Something seen, and when: milliseconds since the start of the case. */
export interface Timed<T> {
  readonly at: number
  readonly seen: T
}

/** Observations of one connection in the order in which they came; lost with the connection. */
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

  /** Those that nobody has taken yet. */
  get waiting(): readonly Timed<T>[] {
    return this.#all.slice(this.#taken)
  }

  /** Takes all that is there: what came together counts as one. */
  skip(): void {
    this.#taken = this.#all.length
  }

  /** The next one, or undefined if none comes before `signal` aborts. */
  async next(signal: AbortSignal): Promise<Timed<T> | undefined> {
    const there = await this.#changes.until(() => this.#taken < this.#all.length, signal)
    return there ? this.#all[this.#taken++] : undefined
  }
}
