import { setMaxListeners } from 'node:events'

/** A signal that depends on others, and a function that removes its listeners and its timer. */
export interface CombinedSignal {
  readonly signal: AbortSignal
  readonly release: () => void
}

/** A controller whose signal may have any number of listeners, without a warning of Node. */
export function sharedController(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

/** A signal that aborts when the first of `signals` aborts, or after `ms` milliseconds if given. */
export function combineSignals(signals: readonly AbortSignal[], ms?: number): CombinedSignal {
  const controller = sharedController()
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
