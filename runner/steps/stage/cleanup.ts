type Close = () => void | Promise<void>

/** What has to be closed at the end of a case, whatever happened; the last one opened is closed first. */
export class Cleanup {
  readonly #closing: Close[] = []

  atEnd(close: Close): void {
    this.#closing.push(close)
  }

  async run(): Promise<void> {
    for (const close of this.#closing.splice(0).toReversed()) await close()
  }
}
