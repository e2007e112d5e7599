/** Ends the open event streams of a channel, temporarily (`end`) or for good (`finish`). */
export class StreamEndings {
  readonly #streams = new Map<string, Set<AbortController>>()
  readonly #finished = new Set<string>()
  readonly #most: number

  /** @param most how many finished channels are remembered */
  constructor(most = 10_000) {
    this.#most = most
  }

  /** A signal that aborts when the streams of the channel are to end, until it is released. */
  watch(channel: string): { readonly signal: AbortSignal; release(): void } {
    const controller = new AbortController()
    const all = this.#streams.get(channel) ?? new Set()
    this.#streams.set(channel, all.add(controller))
    if (this.isFinished(channel)) controller.abort()
    return {
      signal: controller.signal,
      release: () => {
        all.delete(controller)
        if (all.size === 0) this.#streams.delete(channel)
      },
    }
  }

  end(channel: string): void {
    for (const controller of this.#streams.get(channel) ?? []) controller.abort()
  }

  /** Ends the streams of the channel for good. */
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
