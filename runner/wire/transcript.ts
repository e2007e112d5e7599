/** Who did it: the kit (`sent`), the target (`received`), or neither (`note`: what a judgement rests on). */
export type Direction = 'sent' | 'received' | 'note'

/** One line of a transcript. */
export interface Entry {
  /** Milliseconds since the start of the case. */
  readonly at: number
  /** The connection or actor. */
  readonly actor: string
  readonly direction: Direction
  /** In words: `text frame, 5 bytes`, `FIN`, `status line and headers`. */
  readonly what: string
  /** The bytes, cut at `shownBytes`. */
  readonly bytes: Uint8Array
  /** How many bytes there were. */
  readonly length: number
}

/** Bytes of one entry that are kept; the rest is counted. */
export const shownBytes = 4096

/** What the actors of one case saw and sent, byte-exact, with times relative to the start of the case. */
export class Transcript {
  readonly entries: Entry[] = []
  readonly #start: number
  readonly #most: number

  constructor(start = performance.now(), most = 2000) {
    this.#start = start
    this.#most = most
  }

  now(): number {
    return performance.now() - this.#start
  }

  add(actor: string, direction: Direction, what: string, bytes: Uint8Array = new Uint8Array()): void {
    if (this.entries.length >= this.#most) return
    this.entries.push({
      at: this.now(),
      actor,
      direction,
      what: this.entries.length === this.#most - 1 ? 'the rest is left out' : what,
      bytes: bytes.slice(0, shownBytes),
      length: bytes.length,
    })
  }
}
