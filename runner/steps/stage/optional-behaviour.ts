/** After this many waits in vain, later waits are short. */
const often = 3

/**
 * Records, over all cases of a run, which optional behaviours of the target were observed, for example an event stream
 * that begins without a publish. Later cases wait less for one that was never observed.
 */
export class OptionalBehaviours {
  readonly #waitsInVain = new Map<string, number>()

  /** Records whether `behaviour` was observed; once it was, it is always waited for. */
  record(behaviour: string, observed: boolean): void {
    const waits = observed ? -Infinity : (this.#waitsInVain.get(behaviour) ?? 0) + 1
    this.#waitsInVain.set(behaviour, waits)
  }

  /** Whether several cases have waited for it, and it was never observed. */
  isUnlikely(behaviour: string): boolean {
    return (this.#waitsInVain.get(behaviour) ?? 0) >= often
  }
}
