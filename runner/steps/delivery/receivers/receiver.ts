import { setMaxListeners } from 'node:events'
import type { Cursor } from '../../../targets/cursor.ts'
import { NotAsDescribed } from '../../../targets/errors/not-as-described.ts'
import type { Scope } from '../../../targets/description/template.ts'
import type { HttpConnection } from '../../../wire/exchange.ts'
import type { Ledger } from './delivery-record.ts'
import { Actor, type Departure } from '../../stage/actor.ts'
import type { Play } from '../../stage/play.ts'

/** The techniques that deliver updates; `websocket` is the feed of the target description. */
export const overs = ['polling', 'long-polling', 'sse', 'websocket'] as const
export type Over = (typeof overs)[number]

/** What a client stands on, part by part: cursor, last event ID, or position of a message. */
export type Position = Cursor

/** A client that reads updates over one technique, on one connection after the other, until it leaves. */
export interface Receiver {
  readonly over: Over
  readonly ledger: Ledger
  /** The position after the last update that was read. */
  readonly position: Position
  drop(how: Departure): void
  read(state: 'stopped' | 'resumed'): void
}

/** The receivers that one name of a case stands for. */
export class ReceiverGroup extends Actor {
  static readonly what = 'a receiver'
  readonly receivers: Receiver[] = []

  override leave(how: Departure): void {
    for (const receiver of this.receivers) receiver.drop(how)
  }

  override stopReading(): void {
    for (const receiver of this.receivers) receiver.read('stopped')
  }

  override resumeReading(): void {
    for (const receiver of this.receivers) receiver.read('resumed')
  }
}

/** How a receiver is opened. */
export interface Opening {
  readonly play: Play
  readonly name: string
  readonly scope: Scope
  readonly ledger: Ledger
  /** Where another receiver stood, to go on from there. */
  readonly from: Position | undefined
}

/** What all receivers do: they leave once, and are gone at the end of the case. */
export abstract class BaseReceiver {
  readonly ledger: Ledger
  protected readonly play: Play
  protected readonly left = new AbortController()
  protected connection: HttpConnection | undefined

  constructor({ play, ledger }: Opening) {
    this.play = play
    this.ledger = ledger
    setMaxListeners(0, this.left.signal)
    play.connections.count()
    play.cleanup.atEnd(() => this.drop('fin'))
  }

  drop(how: Departure): void {
    this.left.abort()
    if (how === 'rst') this.connection?.wire.reset()
    else this.connection?.wire.close()
  }

  read(state: 'stopped' | 'resumed'): void {
    if (state === 'stopped') this.connection?.wire.pause()
    else this.connection?.wire.resume()
  }

  protected end(why: string): void {
    if (!this.left.signal.aborted) this.ledger.end(why)
  }

  /** Takes what an event or a message says. */
  protected takeAll(updates: () => readonly string[]): void {
    try {
      for (const update of updates()) this.ledger.take(update)
    } catch (error) {
      if (!(error instanceof NotAsDescribed)) throw error
      this.end(error.message)
    }
  }
}
