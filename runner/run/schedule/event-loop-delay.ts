/** How often it is looked at whether this process is on time, in milliseconds. */
const everyMs = 10
/** Less than this is how timers are, in milliseconds. */
const negligibleMs = 2
const mostKept = 6000

/** How long this process was blocked since a time on the clock of `performance.now()`, in milliseconds: at the worst, and in all. */
export type Delays = Pick<Lag, 'worstSince' | 'lostSince'>

/** How late this process is: what it could not look at in time is never blamed on a target. */
export class Lag {
  readonly #late: { at: number; ms: number }[] = []
  readonly #timer: NodeJS.Timeout
  #looked = performance.now()

  constructor() {
    this.#timer = setInterval(() => this.#look(), everyMs)
    this.#timer.unref()
  }

  /**
   * The longest the event loop was blocked since `start` (a `performance.now()`), in milliseconds; a block that
   * has ended just now, before any timer could notice it, counts.
   */
  worstSince(start: number): number {
    this.#look()
    return this.#late.reduce((worst, { at, ms }) => (at >= start ? Math.max(worst, ms) : worst), 0)
  }

  /** For how long in all it was blocked since then, in milliseconds. */
  lostSince(start: number): number {
    this.#look()
    return this.#late.reduce((sum, { at, ms }) => (at >= start ? sum + ms : sum), 0)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    const ms = now - this.#looked - everyMs
    this.#looked = now
    if (ms > negligibleMs) this.#late.push({ at: now, ms })
    if (this.#late.length > mostKept) this.#late.splice(0, mostKept / 2)
  }
}
