import { ByteQueue } from './bytes/byte-queue.ts'
import type { Limits } from './limits.ts'
import type { Finding, Report } from './finding.ts'

export interface ParserOptions {
  readonly limits: Limits
  /** Called for each broken rule, in the order of the bytes. */
  readonly onFinding: (finding: Finding) => void
}

/** The bytes cannot be parsed further. */
export interface Malformed {
  readonly kind: 'malformed'
  /** The expected and the received bytes, in words. */
  readonly what: string
}

/** The bytes cannot be parsed further. Thrown only inside parsers, which turn it into a {@link Malformed}. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/**
 * A synchronous, incremental parser. Observations and findings depend only on the bytes, not on how they
 * were split; only the pieces of content can differ. After a {@link Malformed} all input is ignored.
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

  /** The input has ended. */
  end(): (O | Malformed)[] {
    if (this.#stopped) return []
    const out = this.#run((collected) => this.finish(collected))
    this.#stop()
    return out
  }

  /** Parses one element and adds its observations to `out`; false if it needs more bytes. @throws Unreadable */
  protected abstract read(out: O[]): boolean

  /** Handles the end of the input. @throws Unreadable if it cuts an element short */
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
