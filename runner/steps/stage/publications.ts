/** What the cases of a run publish on channels that all of them see. */
export class SharedUpdates {
  readonly #publishers = new Map<string, Set<string>>()

  add(publisher: string, update: string): void {
    this.#publishers.set(update, (this.#publishers.get(update) ?? new Set()).add(publisher))
  }

  /** Whether others have published this text, and `reader` has not. */
  isForeign(reader: string, update: string): boolean {
    const publishers = this.#publishers.get(update)
    return publishers !== undefined && !publishers.has(reader)
  }
}

/** What one instance publishes. */
export class Publications {
  /** Calls of the hook that no step has waited for yet. */
  readonly pending: Promise<void>[] = []
  /** Updates that the target did not take, where the case lets it refuse them. */
  readonly refused = new Set<string>()
  /** When the case last began to publish, in milliseconds since its start. */
  lastAt: number | undefined
  readonly #publisher: string
  readonly #shared: SharedUpdates

  constructor(publisher: string, shared: SharedUpdates) {
    this.#publisher = publisher
    this.#shared = shared
  }

  /** Records that this case publishes an update. */
  add(update: string): void {
    this.#shared.add(this.#publisher, update)
  }

  /** Whether another case has published an update, on a channel that both see. */
  isForeign(update: string): boolean {
    return this.#shared.isForeign(this.#publisher, update)
  }
}
