/** Ends the open event streams of a channel; a finished channel has no further streams. */
export class StreamEndings {
  readonly #streams = new Map<string, Set<AbortController>>()
  readonly #finished = new Set<string>()
  readonly #most: number

  /** @param most number of finished channels that are remembered */
  constructor(most = 10_000) {
    this.#most = most
  }

  /** A signal that aborts when the streams of the channel are to end, until it is released. */
  watch(channel: string): { readonly signal: AbortSignal; release(): void } {
    const controller = new AbortController()
    const controllers = this.#streams.get(channel) ?? new Set()
    this.#streams.set(channel, controllers.add(controller))
    if (this.isFinished(channel)) controller.abort()
    return {
      signal: controller.signal,
      release: () => {
        controllers.delete(controller)
        if (controllers.size === 0) this.#streams.delete(channel)
      },
    }
  }

  end(channel: string): void {
    for (const controller of this.#streams.get(channel) ?? []) controller.abort()
  }

  /** Ends the streams permanently. */
  finish(channel: string): void {
    this.#finished.add(channel)
    for (const oldest of this.#finished) {
      if (this.#finished.size <= this.#most) break
      this.#finished.delete(oldest)
    }
    this.end(channel)
  }

  isFinished(channel: string): boolean {
    return this.#finished.has(channel)
  }
}
