/** So many waits in vain make another one short. */
const often = 3

/** What the cases of a run have waited for in vain: a target that does it for nobody is not waited for as long again. */
export class Silence {
  readonly #inVain = new Map<string, number>()

  /** Notes whether `what` came; if it came once, it is waited for ever after. */
  note(what: string, came: boolean): void {
    this.#inVain.set(what, came ? -Infinity : (this.#inVain.get(what) ?? 0) + 1)
  }

  isExpected(what: string): boolean {
    return (this.#inVain.get(what) ?? 0) >= often
  }
}
