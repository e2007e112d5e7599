import { type ByteRun, runLengthEncode } from './bytes/run-length.ts'

/** Who acted: the kit (`sent`), the target (`received`), or neither (`note`: a fact that the verdict depends on). */
export type Direction = 'sent' | 'received' | 'note'

/**
 * An action of the kit other than sending bytes: `open` a connection, `ask` on a separate connection (a hook), `end` the
 * sending side, `close` or `reset` the connection, `pause` or `resume` reading; `aside` is an action that
 * bytes cannot describe. `told` is no action: it marks a note on what the target has told the kit otherwise.
 */
export type Action = 'open' | 'ask' | 'end' | 'close' | 'reset' | 'pause' | 'resume' | 'aside' | 'told'

/** What is needed besides the bytes to repeat an action. */
export interface ActionDetails {
  /** Number of the connection in the case, from 1. */
  readonly connection?: number
  readonly act?: Action
  /** For `open` and `ask`: scheme, host and port. */
  readonly url?: string
  /** For `ask`: when the response was complete. */
  readonly answeredAt?: number
  /** The bytes were sent in pieces of this size. */
  readonly chop?: number
}

/** One entry of a transcript. */
export interface Entry extends ActionDetails {
  /** Milliseconds since the start of the case. */
  readonly at: number
  /** The actor or connection. */
  readonly actor: string
  readonly direction: Direction
  /** In words: `text frame, 5 bytes`, `FIN`, `status line and headers`. */
  readonly what: string
  /** The bytes, cut at `mostEntryBytes`. */
  readonly bytes: Uint8Array
  /** Number of bytes before the cut. */
  readonly length: number
  /** All bytes that were sent, run-length encoded, if `bytes` was cut and the encoding is short enough. */
  readonly pieces?: readonly ByteRun[]
}

/** Bytes kept of one entry. */
export const mostEntryBytes = 4096

/** When all entries together hold this many bytes, further entries keep only `briefEntryBytes`. */
const roomForBytes = 512 * 1024
const briefEntryBytes = 64

/** The text of the last entry of a transcript that was cut. */
export const leftOutNote = 'the rest is left out'

/** The bytes that the actors of one case sent and received, with times relative to the start of the case. */
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

  /** Allocates the number of a new connection. */
  connection(): number {
    return ++this.#connections
  }

  add(
    actor: string,
    direction: Direction,
    what: string,
    bytes: Uint8Array = new Uint8Array(),
    details: ActionDetails = {},
  ): void {
    if (this.entries.length >= this.#most) return
    const hasRoom = this.#room > 0
    const shown = bytes.slice(0, hasRoom ? mostEntryBytes : briefEntryBytes)
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
      ...details,
      ...(pieces === undefined ? {} : { pieces }),
    })
  }

  /** Adds a request on a separate connection. Call the returned function with the outcome. */
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
