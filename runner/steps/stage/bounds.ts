import { milliseconds } from '../../documents/duration.ts'
import { deadline, extendedDeadline } from '../../wire/deadline.ts'

/** How long a target may take for a response where neither its description nor the case says otherwise. */
export const usualBound = '3s'

/** Timers of servers may fire this much early, in milliseconds. */
export const timerToleranceMs = 20

/** If this process was blocked for at most this fraction of a bound, its observations are still good enough. */
const tolerableShare = 0.1

/** A retry stretches the bound on closing a connection by only this fraction of the factor for other bounds. */
const closingShare = 0.5

export interface BoundsOptions {
  /** How long the target may take for a response: a duration such as `3s`. */
  readonly usual: string
  /** Factor for every bound. */
  readonly slow: number
  /** The instance is being retried: its bounds do not count the time in which this process was blocked. */
  readonly isRetry: boolean
  /** Milliseconds in which this process was blocked since a time of `performance.now()`. */
  readonly blockedSince: (start: number) => number
  /** Aborts every bound. */
  readonly signal: AbortSignal
}

/** The time bounds of one instance. Every signal is released when the instance ends. */
export class Bounds {
  readonly #options: BoundsOptions
  readonly #releases: (() => void)[] = []

  constructor(options: BoundsOptions) {
    this.#options = options
  }

  /** Aborts after a duration such as `400ms`, or the usual bound of the target; scaled by `--slow`. */
  within(duration?: string): AbortSignal {
    return this.after(this.milliseconds(duration))
  }

  /** Aborts after `ms` milliseconds. */
  after(ms: number): AbortSignal {
    const { isRetry, blockedSince, signal: outer } = this.#options
    const { signal, release } = isRetry ? extendedDeadline(ms, blockedSince, outer) : deadline(ms, outer)
    this.#releases.push(release)
    return signal
  }

  /**
   * Aborts after the time in which the target must have closed a connection. A retry stretches this bound less than
   * others: a close that comes later may be the target's time-out for idle connections. `latencyMs` is added to it.
   */
  untilClosed(duration?: string, latencyMs = 0): AbortSignal {
    return this.after(this.milliseconds(duration) * (this.#options.isRetry ? closingShare : 1) + latencyMs)
  }

  /** A duration such as `400ms`, or the usual bound, in milliseconds; scaled by `--slow`. */
  milliseconds(duration?: string): number {
    return (duration === undefined ? this.usualMs : milliseconds(duration)) * this.#options.slow
  }

  /** How long the target may take for a response, in milliseconds; not scaled. */
  get usualMs(): number {
    return milliseconds(this.#options.usual)
  }

  /** A longer block of this process, in milliseconds, may be why a response seemed late. */
  get tolerableBlockMs(): number {
    return this.milliseconds() * (this.#options.isRetry ? 1 : tolerableShare)
  }

  release(): void {
    for (const release of this.#releases.splice(0)) release()
  }
}
