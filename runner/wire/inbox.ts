/** Lets one side wait until something is true of the other, without polling and never longer than a signal allows. */
export class Changes {
  readonly #waiting = new Set<() => void>()

  /** Whoever waits looks again. */
  notify(): void {
    for (const look of this.#waiting) look()
  }

  /** True as soon as `holds()` is, false when `signal` aborts before. */
  until(holds: () => boolean, signal: AbortSignal): Promise<boolean> {
    if (holds()) return Promise.resolve(true)
    if (signal.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const settle = (result: boolean): void => {
        this.#waiting.delete(look)
        signal.removeEventListener('abort', give)
        resolve(result)
      }
      const look = (): void => {
        if (holds()) settle(true)
      }
      const give = (): void => settle(holds())
      this.#waiting.add(look)
      signal.addEventListener('abort', give, { once: true })
    })
  }
}

/** Something seen, and when: milliseconds since the start of the case. */
export interface Timed<T> {
  readonly at: number
  readonly seen: T
}

/** Observations of one connection in the order in which they came; lost with the connection. */
export class Inbox<T> {
  readonly #all: Timed<T>[] = []
  readonly #changes: Changes
  #taken = 0

  constructor(changes: Changes) {
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
