import { updatableLine } from '../report/reporters/progress.ts'
import { type Io, stdoutOutput } from './io.ts'

/** Progress of a proof on stderr: a line that is replaced on a terminal, elsewhere a new line for every tenth part and the last one. */
export class ProveProgress {
  readonly #io: Io
  readonly #line: ReturnType<typeof updatableLine> | undefined
  readonly #columns: number
  readonly #startedAt = performance.now()

  constructor(io: Io) {
    this.#io = io
    // Progress goes to stderr, so that the problems on stdout can be redirected to a file.
    const output = stdoutOutput({ ...io, stdout: io.stderr }, true)
    this.#columns = output.columns
    this.#line = output.isTTY ? updatableLine(output) : undefined
  }

  readonly show = (done: number, total: number, what: string): void => {
    const text = `${done}/${total}  ${Math.round((performance.now() - this.#startedAt) / 1000)} s  ${what}`
    if (this.#line !== undefined) this.#line(text.slice(0, this.#columns))
    else if (done === total || done % Math.max(1, Math.ceil(total / 10)) === 0)
      this.#io.stderr.write(`${text}\n`)
  }

  /** Removes the line. */
  clear(): void {
    this.#line?.clear()
    this.#line?.done()
  }
}
