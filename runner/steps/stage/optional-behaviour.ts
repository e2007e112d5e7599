/** After this many waits without the behaviour, it is unlikely. */
const enoughWaits = 3

/**
 * Records, over all cases of a run, which optional behaviours of the target were observed, for example an event stream
 * that begins without a publish. Later cases wait less for one that was never observed.
 */
export class OptionalBehaviours {
  readonly #unsuccessfulWaits = new Map<string, number>()

  /** Records whether `behaviour` was observed; after it was observed once, it never becomes unlikely. */
  record(behaviour: string, observed: boolean): void {
    const waits = observed ? -Infinity : (this.#unsuccessfulWaits.get(behaviour) ?? 0) + 1
    this.#unsuccessfulWaits.set(behaviour, waits)
  }

  /** Whether several cases have waited for `behaviour` and none has observed it. */
  isUnlikely(behaviour: string): boolean {
    return (this.#unsuccessfulWaits.get(behaviour) ?? 0) >= enoughWaits
  }
}
