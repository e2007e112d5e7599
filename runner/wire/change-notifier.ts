/** Lets code wait until a condition holds that other code changes, without polling. */
export class ChangeNotifier {
  readonly #waiting = new Set<() => void>()

  /** Checks the conditions of all that wait. */
  notify(): void {
    for (const look of this.#waiting) look()
  }

  /** True as soon as `holds()` is true, false if `signal` aborts first. */
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
