import type { ByteRun } from '../../wire/bytes/run-length.ts'
import { type Action, type Entry, leftOutNote } from '../../wire/transcript.ts'

/** One action on the connection with this number. */
export type Step =
  | { readonly do: 'open'; readonly connection: number; readonly name: string; readonly url: string }
  | {
      readonly do: 'send'
      readonly connection: number
      readonly pieces: readonly ByteRun[]
      /** Size of the parts in which the bytes are sent; 0 for all at once. */
      readonly chop: number
    }
  | { readonly do: Exclude<Action, 'open' | 'ask' | 'aside' | 'told'>; readonly connection: number }
  /** Wait until this number of bytes has arrived in all or the connection has ended, at most `ms` milliseconds. */
  | { readonly do: 'await'; readonly connection: number; readonly bytes: number; readonly ms: number }
  | { readonly do: 'rest'; readonly ms: number }

export interface Plan {
  readonly steps: readonly Step[]
  /** Actions of the case that sent bytes cannot repeat. */
  readonly asides: readonly string[]
  /** How long the case waited after the last action or byte, in milliseconds. */
  readonly watchMs: number
}

/** The reason why a transcript cannot be reproduced. */
export class NotReproducible extends Error {}

/** Shorter pauses are accidental and are not repeated. */
const minIdleMs = 100
const minWatchMs = 500

const address = /^(?:https?|wss?):\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/** A time-out for something that took `ms`, on a machine that may be slower. */
const waitLimitMs = (ms: number): number => Math.ceil((ms * 2 + 2000) / 1000) * 1000

/** The steps that repeat a transcript, in its order; each step waits for the data that arrived before it. */
export function planOf(entries: readonly Entry[]): Plan {
  if (entries.at(-1)?.what === leftOutNote)
    throw new NotReproducible('the exchange is too long: the report has only its beginning')
  const planner = new Planner()
  // Skip the closing of connections at the end of the case.
  const last = entries.findLastIndex((entry) => isAction(entry) && entry.act !== 'close')
  for (const [index, entry] of entries.entries())
    if (index <= last || entry.act !== 'close') planner.take(entry)
  return planner.plan(entries.at(-1)?.at ?? 0)
}

const isAction = ({ connection, direction, act }: Entry): boolean =>
  connection !== undefined && (direction === 'sent' || act !== undefined)

class Planner {
  readonly #steps: Step[] = []
  readonly #asides: string[] = []
  readonly #opened = new Set<number>()
  readonly #received = new Map<number, number>()
  /** Bytes to wait for, by connection: those that arrived since the last action. */
  readonly #awaited = new Map<number, number>()
  /** Requests of hooks whose responses are not awaited yet. */
  #asked: Entry[] = []
  #lastActionAt = 0
  #lastAt = 0

  take(entry: Entry): void {
    const { connection, act, at } = entry
    if (act === 'aside') this.#asides.push(`${entry.actor} ${entry.what}`)
    if (connection === undefined) return
    if (isAction(entry)) {
      this.#assertOpened(entry, connection)
      this.#awaitReceived(at)
      this.#addIdleTime(at - this.#lastAt)
      if (act === 'ask') this.#asked.push(entry)
      this.#steps.push(...stepsOf(entry, connection))
      this.#lastActionAt = at
    } else this.#arrived(entry, connection)
    this.#lastAt = at
  }

  /** The report may be invalid, or written by a version that did not record connections. */
  #assertOpened({ act, url = '' }: Entry, connection: number): void {
    const opens = act === 'open' || act === 'ask'
    if (opens === this.#opened.has(connection) || (opens && !address.test(url)))
      throw new NotReproducible(`the report does not contain the address of connection ${connection}`)
    this.#opened.add(connection)
  }

  plan(endAt: number): Plan {
    this.#awaitReceived(endAt)
    const watched = Math.max(minWatchMs, endAt - this.#lastAt)
    return { steps: this.#steps, asides: this.#asides, watchMs: Math.ceil(watched / 100) * 100 }
  }

  /** Adds steps that wait for everything that had arrived by this time. */
  #awaitReceived(at: number): void {
    const finished = this.#asked.filter(({ answeredAt = Infinity }) => answeredAt <= at)
    this.#asked = this.#asked.filter((entry) => !finished.includes(entry))
    for (const { connection = 0, answeredAt = 0 } of finished) {
      this.#awaited.set(connection, 1)
      this.#lastAt = Math.max(this.#lastAt, answeredAt)
    }
    const ms = waitLimitMs(this.#lastAt - this.#lastActionAt)
    for (const [connection, bytes] of this.#awaited) this.#steps.push({ do: 'await', connection, bytes, ms })
    this.#awaited.clear()
  }

  /** Adds a step that waits as long as the connections were idle. */
  #addIdleTime(idle: number): void {
    if (this.#steps.length > 0 && idle > minIdleMs)
      this.#steps.push({ do: 'rest', ms: Math.ceil(idle / 10) * 10 })
  }

  #arrived({ length }: Entry, connection: number): void {
    const before = this.#received.get(connection) ?? 0
    const now = length === 0 ? Infinity : before + length
    this.#received.set(connection, now)
    this.#awaited.set(connection, now)
  }
}

function stepsOf(entry: Entry, connection: number): Step[] {
  const { act, actor: name, url = '', chop = 0 } = entry
  const send = (): Step => ({ do: 'send', connection, pieces: piecesOf(entry), chop })
  if (act === undefined) return entry.length === 0 ? [] : [send()]
  if (act === 'open') return [{ do: 'open', connection, name, url }]
  if (act === 'ask') return [{ do: 'open', connection, name, url }, send()]
  return act === 'aside' || act === 'told' ? [] : [{ do: act, connection }]
}

function piecesOf({ bytes, length, pieces, what }: Entry): readonly ByteRun[] {
  if (length === bytes.length) return [{ bytes, length }]
  if (pieces !== undefined) return pieces
  throw new NotReproducible(`of ${what} (${length} bytes) the report has only the first ${bytes.length}`)
}
