import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'

import { main } from '../../runner/main.ts'
import type { Io, TextStream } from '../../runner/cli/io.ts'

class Kept implements TextStream {
  text = ''
  readonly isTTY: boolean
  readonly #written = new EventEmitter()

  constructor(isTTY: boolean) {
    this.isTTY = isTTY
  }

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

/** A simulated process: its output, environment and signals. */
export class Console implements Io {
  readonly stdout: Kept
  readonly stderr: Kept
  /** The input of the user. */
  readonly stdin: Io['stdin'] & PassThrough
  readonly signals = new EventEmitter()
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string

  constructor(options: { env?: Record<string, string>; cwd?: string; isTTY?: boolean } = {}) {
    const isTTY = options.isTTY ?? false
    this.stdout = new Kept(isTTY)
    this.stderr = new Kept(isTTY)
    this.stdin = Object.assign(new PassThrough(), { isTTY })

    this.env = options.env ?? {}
    this.cwd = options.cwd ?? process.cwd()
  }

  /** Runs one command line and returns its exit code. */
  run(...argv: string[]): Promise<number> {
    return main(argv, this)
  }
}
