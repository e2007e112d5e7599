/** The updates that the cases of a run publish on channels that all of them share, with their publishers. */
export class SharedUpdates {
  readonly #publishers = new Map<string, Set<string>>()

  add(publisher: string, update: string): void {
    this.#publishers.set(update, (this.#publishers.get(update) ?? new Set()).add(publisher))
  }

  /** Whether others have published this update, and `reader` has not. */
  isForeign(reader: string, update: string): boolean {
    const publishers = this.#publishers.get(update)
    return publishers !== undefined && !publishers.has(reader)
  }
}

/** The updates that one instance publishes. */
export class Publications {
  /** Calls of the publish hook that no step has awaited yet. */
  readonly pending: Promise<void>[] = []
  /** Updates that the target refused, where the case allows that. */
  readonly refused = new Set<string>()
  /** When the case last began to publish, in milliseconds since its start. */
  lastAt: number | undefined
  /** When the target last accepted an update, in milliseconds since the start of the case. */
  #acceptedAt = 0
  /** Updates that the target has neither accepted nor refused yet. */
  #open = 0
  readonly #publisher: string
  readonly #shared: SharedUpdates

  constructor(publisher: string, shared: SharedUpdates) {
    this.#publisher = publisher
    this.#shared = shared
  }

  /** Records an update that this instance publishes. */
  add(update: string): void {
    this.#shared.add(this.#publisher, update)
  }

  /** Records that the case begins to publish at this time; the returned function records the end. */
  begin(at: number): (acceptedAt: number) => void {
    this.lastAt = at
    this.#open += 1
    return (acceptedAt) => {
      this.#open -= 1
      this.#acceptedAt = acceptedAt
    }
  }

  /**
   * The last publication, in milliseconds since the start of the case: when it began, and when the target had accepted all
   * updates. Before that the target need not know the update.
   */
  get last(): { readonly began: number; readonly accepted: number } {
    return { began: this.lastAt ?? 0, accepted: this.#open > 0 ? Infinity : this.#acceptedAt }
  }

  /** Whether only other instances have published this update, on a shared channel. */
  isForeign(update: string): boolean {
    return this.#shared.isForeign(this.#publisher, update)
  }
}
