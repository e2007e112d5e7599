import { setMaxListeners } from 'node:events'
import type { Cursor } from '../../../targets/cursor.ts'
import { NotAsDescribed } from '../../../targets/errors/not-as-described.ts'
import type { Scope } from '../../../targets/description/template.ts'
import type { HttpConnection } from '../../../wire/exchange.ts'
import type { DeliveryRecord } from './delivery-record.ts'
import { Actor, type ClosingKind } from '../../stage/actor.ts'
import type { Play } from '../../stage/play.ts'

/** The techniques that deliver updates; `websocket` stands for `websocket.updates` of the target description. */
export const deliveryTechniques = ['polling', 'long-polling', 'sse', 'websocket'] as const
export type DeliveryTechnique = (typeof deliveryTechniques)[number]

/** The names of the techniques in messages. */
export const techniqueNames: Readonly<Record<DeliveryTechnique, string>> = {
  polling: 'polling',
  'long-polling': 'long-polling',
  sse: 'SSE',
  websocket: 'WebSocket',
}

/** Where a client has read up to, part by part: a cursor, a last event ID, or the position of a message. */
export type Position = Cursor

/** A client that reads updates over one technique, on one connection after another, until it leaves. */
export interface Receiver {
  readonly technique: DeliveryTechnique
  readonly record: DeliveryRecord
  /** The position after the last update that was read. */
  readonly position: Position
  leave(how: ClosingKind): void
  setReading(state: 'stopped' | 'resumed'): void
}

/** The receivers that one name in a case stands for. */
export class ReceiverGroup extends Actor {
  static readonly kindName = 'a receiver'
  readonly receivers: Receiver[] = []

  override leave(how: ClosingKind): void {
    for (const receiver of this.receivers) receiver.leave(how)
  }

  override stopReading(): void {
    for (const receiver of this.receivers) receiver.setReading('stopped')
  }

  override resumeReading(): void {
    for (const receiver of this.receivers) receiver.setReading('resumed')
  }
}

export interface ReceiverOptions {
  readonly play: Play
  readonly name: string
  readonly scope: Scope
  readonly record: DeliveryRecord
  /** The position of another receiver, to continue from. */
  readonly from: Position | undefined
}

/** The parts that all receivers share. A receiver leaves at the latest at the end of the case. */
export abstract class BaseReceiver {
  readonly record: DeliveryRecord
  protected readonly play: Play
  /** Aborted once the receiver has left. */
  protected readonly left = new AbortController()
  protected connection: HttpConnection | undefined

  constructor({ play, record }: ReceiverOptions) {
    this.play = play
    this.record = record
    setMaxListeners(0, this.left.signal)
    play.connections.count()
    play.cleanup.atEnd(() => this.leave('fin'))
  }

  leave(how: ClosingKind): void {
    this.left.abort()
    if (how === 'rst') this.connection?.wire.reset()
    else this.connection?.wire.close()
  }

  setReading(state: 'stopped' | 'resumed'): void {
    if (state === 'stopped') this.connection?.wire.pause()
    else this.connection?.wire.resume()
  }

  protected end(why: string): void {
    if (!this.left.signal.aborted) this.record.end(why)
  }

  /** Adds the updates of a response, an event or a message; ends if they are not as described. */
  protected addUpdates(readUpdates: () => readonly string[]): void {
    try {
      for (const update of readUpdates()) this.record.add(update)
    } catch (error) {
      if (!(error instanceof NotAsDescribed)) throw error
      this.end(error.message)
    }
  }
}
