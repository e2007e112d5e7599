import { updatableLine } from '../report/reporters/progress.ts'
import { type Io, stdoutOutput } from './io.ts'

/** How far the matrix is: one line that changes on a terminal, in a file every tenth step. */
export class ProveProgress {
  readonly #io: Io
  readonly #line: ReturnType<typeof updatableLine> | undefined
  readonly #columns: number
  readonly #startedAt = performance.now()

  constructor(io: Io) {
    this.#io = io
    // The line goes to stderr: the problems on stdout can go into a file.
    const output = stdoutOutput({ ...io, stdout: io.stderr }, true)
    this.#columns = output.columns
    this.#line = output.isTTY ? updatableLine(output) : undefined
  }

  readonly show = (done: number, total: number, what: string): void => {
    const text = `${done}/${total}  ${Math.round((performance.now() - this.#startedAt) / 1000)} s  ${what}`
    if (this.#line !== undefined) this.#line(text.slice(0, this.#columns))
    else if (done % Math.max(1, Math.ceil(total / 10)) === 0) this.#io.stderr.write(`${text}\n`)
  }

  /** Takes the line away. */
  clear(): void {
    this.#line?.clear()
    this.#line?.done()
  }
}
