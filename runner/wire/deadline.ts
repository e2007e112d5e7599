import { setMaxListeners } from 'node:events'

/**
 * A signal that aborts after some time, or with any of the signals that are given; until `release` it keeps itself
 * alive. `AbortSignal.any` of a time-out may be collected in Node 20 before it fires, and then nobody is told.
 */
export interface Deadline {
  readonly signal: AbortSignal
  /** Lets go of the timer; the signal then aborts no more. */
  release(): void
}

/** No warning before so many; with 0 for none Node's own `getMaxListeners` takes the signal for no target at all. */
const manyListeners = 1_000_000

/** @param ms how long, in milliseconds; Infinity for no time of its own */
export const deadline = (ms: number, ...parents: readonly AbortSignal[]): Deadline =>
  begin(ms, () => 0, parents)

/**
 * The same for a process that may be kept from looking: the time that it has lost meanwhile is given on top.
 *
 * @param lostSince how long the process has been blocked since a time on the clock of `performance.now()`, in milliseconds
 */
export function extendedDeadline(
  ms: number,
  lostSince: (start: number) => number,
  ...parents: readonly AbortSignal[]
): Deadline {
  const start = performance.now()
  return begin(ms, () => start + ms + lostSince(start) - performance.now(), parents)
}

/** @param more for how long it goes on when the time is over; nothing above 0 ends it */
function begin(ms: number, more: () => number, parents: readonly AbortSignal[]): Deadline {
  const controller = new AbortController()
  setMaxListeners(manyListeners, controller.signal, ...parents)
  const wait = (left: number): NodeJS.Timeout => setTimeout(() => expire(more()), Math.ceil(left))
  const expire = (left: number): void => {
    if (left > 0) timer = wait(left)
    else over()
  }
  let timer = Number.isFinite(ms) ? wait(ms) : undefined
  const over = (): void => {
    release()
    controller.abort(new DOMException('the time is over', 'TimeoutError'))
  }
  const follow = (event: Event): void => {
    release()
    controller.abort((event.target as AbortSignal).reason)
  }
  const release = (): void => {
    clearTimeout(timer)
    for (const parent of parents) parent.removeEventListener('abort', follow)
  }
  for (const parent of parents) {
    if (parent.aborted) controller.abort(parent.reason)
    parent.addEventListener('abort', follow, { once: true })
  }
  return { signal: controller.signal, release }
}
