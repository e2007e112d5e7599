import { type ByteRun, runLengthEncode } from './bytes/run-length.ts'

/** Who did it: the kit (`sent`), the target (`received`), or neither (`note`: what a judgement rests on). */
export type Direction = 'sent' | 'received' | 'note'

/**
 * What the kit did other than to send the bytes of the entry: `open` a connection, `ask` on one of its own (what a hook
 * does), `end` its sending side, `close` or `reset` it, stop and go on reading; `aside` was something that no bytes tell.
 */
export type Action = 'open' | 'ask' | 'end' | 'close' | 'reset' | 'pause' | 'resume' | 'aside'

/** What it takes, beyond the bytes, to do the same again. */
export interface ActionDetails {
  /** Number of the connection within the case. */
  readonly connection?: number
  readonly act?: Action
  /** For `open` and `ask`: scheme, host and port. */
  readonly url?: string
  /** For `ask`: when the answer was there. */
  readonly answeredAt?: number
  /** The bytes went out in pieces of this size. */
  readonly chop?: number
}

/** One line of a transcript. */
export interface Entry extends ActionDetails {
  /** Milliseconds since the start of the case. */
  readonly at: number
  /** The connection or actor. */
  readonly actor: string
  readonly direction: Direction
  /** In words: `text frame, 5 bytes`, `FIN`, `status line and headers`. */
  readonly what: string
  /** The bytes, cut at `mostEntryBytes`. */
  readonly bytes: Uint8Array
  /** How many bytes there were. */
  readonly length: number
  /** All bytes of something sent, where `bytes` holds but the first and these can be told in short. */
  readonly pieces?: readonly ByteRun[]
}

/** Bytes of one entry that are kept; the rest is counted. */
export const mostEntryBytes = 4096

/** Bytes that all entries together keep in full; after that each keeps its beginning only. */
const roomForBytes = 512 * 1024
const briefBytes = 64

/** What the last entry of a transcript says that was too long. */
export const leftOutNote = 'the rest is left out'

/** What the actors of one case saw and sent, byte-exact, with times relative to the start of the case. */
export class Transcript {
  readonly entries: Entry[] = []
  readonly #start: number
  readonly #most: number
  #connections = 0
  #room = roomForBytes

  constructor(start = performance.now(), most = 2000) {
    this.#start = start
    this.#most = most
  }

  now(): number {
    return performance.now() - this.#start
  }

  /** The number of another connection. */
  connection(): number {
    return ++this.#connections
  }

  add(
    actor: string,
    direction: Direction,
    what: string,
    bytes: Uint8Array = new Uint8Array(),
    deed: ActionDetails = {},
  ): void {
    if (this.entries.length >= this.#most) return
    const hasRoom = this.#room > 0
    const shown = bytes.slice(0, hasRoom ? mostEntryBytes : briefBytes)
    const isCutShort = hasRoom && direction !== 'received' && bytes.length > mostEntryBytes
    const pieces = isCutShort ? runLengthEncode(bytes) : undefined
    this.#room -= shown.length
    this.entries.push({
      at: this.now(),
      actor,
      direction,
      what: this.entries.length === this.#most - 1 ? leftOutNote : what,
      bytes: shown,
      length: bytes.length,
      ...deed,
      ...(pieces === undefined ? {} : { pieces }),
    })
  }

  /** Adds what the kit asks on a connection of its own; gives what is to be called with the outcome. */
  ask(actor: string, what: string, bytes: Uint8Array, url: string): (outcome: string) => void {
    const index = this.entries.length
    this.add(actor, 'note', what, bytes, { connection: this.connection(), act: 'ask', url })
    return (outcome) => {
      const entry = this.entries[index]
      if (entry === undefined) return
      this.entries[index] = { ...entry, what: `${entry.what}, ${outcome}`, answeredAt: this.now() }
    }
  }
}
