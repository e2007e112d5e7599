import { setMaxListeners } from 'node:events'

/** A signal that follows others; `release` stops it from listening to them. */
export interface JoinedSignal {
  readonly signal: AbortSignal
  readonly release: () => void
}

/** A controller whose signal may have any number of listeners without a warning. */
export function widelySharedController(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

/** Aborts with the first of `signals`, or after `ms` milliseconds if given. */
export function anySignal(signals: readonly AbortSignal[], ms?: number): JoinedSignal {
  const controller = widelySharedController()
  const abort = (): void => controller.abort()
  for (const signal of signals) {
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  }
  const timer = ms === undefined ? undefined : setTimeout(abort, ms)
  const release = (): void => {
    clearTimeout(timer)
    for (const signal of signals) signal.removeEventListener('abort', abort)
  }
  return { signal: controller.signal, release }
}
