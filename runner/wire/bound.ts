import { setMaxListeners } from 'node:events'

/**
 * A signal that aborts after some time, or with any of the signals that are given; until `release` it keeps itself
 * alive. `AbortSignal.any` of a time-out may be collected in Node 20 before it fires, and then nobody is told.
 */
export interface Bound {
  readonly signal: AbortSignal
  /** Lets go of the timer; the signal then aborts no more. */
  release(): void
}

/** @param ms how long, in milliseconds; Infinity for no time of its own */
export function bound(ms: number, ...parents: readonly AbortSignal[]): Bound {
  const controller = new AbortController()
  // Not 0: Node 20 then refuses to say how many there may be, which undici asks.
  setMaxListeners(Infinity, controller.signal, ...parents)
  const timer = Number.isFinite(ms) ? setTimeout(() => over(), Math.ceil(ms)) : undefined
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
