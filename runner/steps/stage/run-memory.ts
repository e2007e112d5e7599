/** The state that the cases of one run share: one object of each class, made when a case first asks for it. */
export class RunMemory {
  readonly #shared = new Map<new () => object, object>()

  /** The shared object of that class. */
  of<T extends object>(kind: new () => T): T {
    const existing = this.#shared.get(kind)
    if (existing instanceof kind) return existing
    const created = new kind()
    this.#shared.set(kind, created)
    return created
  }
}
