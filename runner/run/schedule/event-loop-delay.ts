/** The interval of the timer that measures the delay, in milliseconds. */
const intervalMs = 10
/** Timers fire this much late on an idle machine, in milliseconds. */
const negligibleMs = 2
/** Delays that are kept. */
const mostKept = 6000

/**
 * For how long this process was blocked since a time of `performance.now()`, in milliseconds: the longest single time, and
 * the total.
 */
export type BlockedTime = Pick<EventLoopDelay, 'longestSince' | 'totalSince'>

/** Measures for how long the event loop of this process is blocked: such a delay is never blamed on a target. */
export class EventLoopDelay {
  readonly #delays: { at: number; ms: number }[] = []
  readonly #timer: NodeJS.Timeout
  #lastTick = performance.now()

  constructor() {
    this.#timer = setInterval(() => this.#tick(), intervalMs)
    this.#timer.unref()
  }

  /**
   * The longest time for which the event loop was blocked since `start` (a `performance.now()`), in milliseconds. A
   * block that has only just ended is included, although no timer has fired since.
   */
  longestSince(start: number): number {
    this.#tick()
    return this.#delays.reduce((worst, { at, ms }) => (at >= start ? Math.max(worst, ms) : worst), 0)
  }

  /** The total time for which it was blocked since `start`, in milliseconds. */
  totalSince(start: number): number {
    this.#tick()
    return this.#delays.reduce((sum, { at, ms }) => (at >= start ? sum + ms : sum), 0)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    const now = performance.now()
    const ms = now - this.#lastTick - intervalMs
    this.#lastTick = now
    if (ms > negligibleMs) this.#delays.push({ at: now, ms })
    if (this.#delays.length > mostKept) this.#delays.splice(0, mostKept / 2)
  }
}
