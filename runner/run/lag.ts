import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How late this process is: what it could not look at in time is never blamed on a target. */
export class Lag {
  readonly #histogram = monitorEventLoopDelay({ resolution: 10 })
  readonly #samples: { at: number; ms: number }[] = []
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#histogram.enable()
    this.#timer = setInterval(() => this.#sample(), 100)
    this.#timer.unref()
  }

  /** The longest the event loop was blocked since `start` (a `performance.now()`), in milliseconds. */
  worstSince(start: number): number {
    this.#sample()
    return Math.max(0, ...this.#samples.filter(({ at }) => at >= start).map(({ ms }) => ms))
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#histogram.disable()
  }

  #sample(): void {
    const ms = this.#histogram.max / 1e6
    this.#histogram.reset()
    if (Number.isFinite(ms)) this.#samples.push({ at: performance.now(), ms })
    if (this.#samples.length > 6000) this.#samples.splice(0, 3000)
  }
}
