type Close = () => void | Promise<void>

/** Everything that must be closed at the end of a case, also after an error; what was opened last is closed first. */
export class Cleanup {
  readonly #closing: Close[] = []

  atEnd(close: Close): void {
    this.#closing.push(close)
  }

  async run(): Promise<void> {
    for (const close of this.#closing.splice(0).toReversed()) await close()
  }
}
