/** What the cases of one run share. Each kind of memory is a class of its own, and is made when a case first asks for it. */
export class RunMemory {
  readonly #parts = new Map<new () => object, object>()

  /** The memory of that kind. */
  of<T extends object>(kind: new () => T): T {
    const known = this.#parts.get(kind)
    if (known instanceof kind) return known
    const made = new kind()
    this.#parts.set(kind, made)
    return made
  }
}
