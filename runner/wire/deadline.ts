import { setMaxListeners } from 'node:events'

/**
 * A signal that aborts after a time, or with any of its parent signals. It keeps itself alive until `release`:
 * in Node 20, `AbortSignal.any` of a time-out can be garbage-collected before it fires.
 */
export interface Deadline {
  readonly signal: AbortSignal
  /** Stops the timer; the signal then never aborts. */
  release(): void
}

/** Avoids Node's warning about many listeners. 0 would mean no limit, but `getMaxListeners` rejects such a signal. */
const manyListeners = 1_000_000

/** @param ms milliseconds; Infinity to abort only with a parent */
export const deadline = (ms: number, ...parents: readonly AbortSignal[]): Deadline =>
  begin(ms, () => 0, parents)

/**
 * A deadline that is extended by the time in which this process was blocked.
 *
 * @param lostSince milliseconds for which the process was blocked since `start`, a time of `performance.now()`
 */
export function extendedDeadline(
  ms: number,
  lostSince: (start: number) => number,
  ...parents: readonly AbortSignal[]
): Deadline {
  const start = performance.now()
  return begin(ms, () => start + ms + lostSince(start) - performance.now(), parents)
}

/** @param more milliseconds to add when the time is over; 0 or less ends the wait */
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
