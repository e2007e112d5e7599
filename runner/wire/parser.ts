import { ByteQueue } from './bytes/byte-queue.ts'
import type { Limits } from './limits.ts'
import type { Finding, Report } from './finding.ts'

export interface ParserOptions {
  readonly limits: Limits
  /** Called, in the order of the bytes, for each rule that they break. */
  readonly onFinding: (finding: Finding) => void
}

/** The bytes cannot be read any further. */
export interface Malformed {
  readonly kind: 'malformed'
  /** What was wanted and what was there. */
  readonly what: string
}

/** The bytes fit no rule that says how to go on. Thrown inside parsers only; outside it is a `malformed`. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/**
 * A synchronous, incremental reader of bytes. The observations and findings depend on the bytes alone,
 * never on how they were split (content that is handed on as it comes may come in other pieces).
 * After a `malformed` everything is ignored.
 */
export abstract class Parser<O> {
  protected readonly input = new ByteQueue()
  protected readonly limits: Limits
  protected readonly report: Report
  #stopped = false

  constructor({ limits, onFinding }: ParserOptions) {
    this.limits = limits
    this.report = (rule, detail) => onFinding({ rule, detail })
  }

  push(bytes: Uint8Array): (O | Malformed)[] {
    if (this.#stopped) return []
    this.input.append(bytes)
    return this.#run((out) => {
      let more = true
      while (more) more = this.read(out)
    })
  }

  /** No more bytes will come. */
  end(): (O | Malformed)[] {
    if (this.#stopped) return []
    const out = this.#run((collected) => this.finish(collected))
    this.#stop()
    return out
  }

  /** Reads one thing into `out`; false if it needs more bytes. Throws Unreadable. */
  protected abstract read(out: O[]): boolean

  /** Completes or gives up what was begun. Throws Unreadable. */
  protected abstract finish(out: O[]): void

  #run(action: (out: O[]) => void): (O | Malformed)[] {
    const out: O[] = []
    try {
      action(out)
      return out
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      this.#stop()
      return [...out, { kind: 'malformed', what: error.message }]
    }
  }

  #stop(): void {
    this.#stopped = true
    this.input.clear()
  }
}
