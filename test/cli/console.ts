import { EventEmitter } from 'node:events'

import { main } from '../../runner/cli/main.ts'
import type { Io, Sink } from '../../runner/cli/io.ts'

class Kept implements Sink {
  text = ''
  readonly #written = new EventEmitter()

  write(text: string): void {
    this.text += text
    this.#written.emit('text')
  }

  /** Resolves with the text as soon as it matches. */
  async match(pattern: RegExp): Promise<RegExpExecArray> {
    const found = pattern.exec(this.text)
    if (found !== null) return found
    await new Promise((resolve) => this.#written.once('text', resolve))
    return this.match(pattern)
  }
}

/** A process that exists only in the test: what it prints, its environment and the signals it gets. */
export class Console implements Io {
  readonly stdout = new Kept()
  readonly stderr = new Kept()
  readonly signals = new EventEmitter()
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string

  constructor(options: { env?: Record<string, string>; cwd?: string } = {}) {
    this.env = options.env ?? {}
    this.cwd = options.cwd ?? process.cwd()
  }

  /** The exit code of one command line. */
  run(...argv: string[]): Promise<number> {
    return main(argv, this)
  }
}
