import { streamHeaded } from '../../event-stream/head.ts'
import { updatesOf } from '../../../targets/cursor.ts'
import type { Address } from '../../../targets/address.ts'
import {
  EventSubscription,
  describeSubscriptionObservation,
} from '../../../wire/event-stream/subscription.ts'
import type { Exchange } from '../../../wire/exchange.ts'
import { watched } from '../../event-stream/subscribe.ts'
import { describeResponse } from '../../language/expectations.ts'
import { BaseReceiver, type Opening, type Position, type Receiver } from './receiver.ts'
import { buildRequest } from '../../language/request.ts'
import { setTimeout as pause } from 'node:timers/promises'

/** How long a client stays away after the end of a stream, where the target has announced no time. */
const usualReconnectionMs = 100

/** One event stream after the other: a client comes back when one has ended in an orderly way (HTML section 9.2.3). */
export class StreamReceiver extends BaseReceiver implements Receiver {
  readonly over = 'sse'
  readonly #opening: Opening
  #lastEventId: string

  private constructor(opening: Opening) {
    super(opening)
    this.#opening = opening
    this.#lastEventId = opening.from?.[0] ?? ''
  }

  static async open(opening: Opening): Promise<StreamReceiver> {
    const receiver = new StreamReceiver(opening)
    const exchange = await receiver.#connect()
    void receiver.#readAll(exchange)
    return receiver
  }

  get position(): Position {
    return [this.#lastEventId]
  }

  get #address(): Address {
    return this.play.target.address('sse', this.#opening.scope)
  }

  async #connect(): Promise<Exchange> {
    const { play, name } = this.#opening
    const address = this.#address
    const id = this.#lastEventId
    const fields: (readonly [string, string])[] = [
      ['Accept', 'text/event-stream'],
      ...(id === '' ? [] : [['Last-Event-ID', Buffer.from(id).toString('latin1')] as const]),
    ]
    this.connection = await play.connections.open(name, address.url)
    if (this.left.signal.aborted) this.connection.wire.close()
    const request = buildRequest(address, {}, fields)
    const exchange = this.connection.request(request.bytes, request)
    await streamHeaded(play, exchange)
    return exchange
  }

  #stop(why: string): undefined {
    this.end(why)
    return undefined
  }

  async #readAll(first: Exchange): Promise<void> {
    const { signal } = this.left
    try {
      for (let exchange = first; !signal.aborted; exchange = await this.#connect()) {
        const pauseMs = await this.#read(exchange)
        if (pauseMs === undefined || signal.aborted) return
        await pause(pauseMs, undefined, { signal })
      }
    } catch (error) {
      this.end(error instanceof Error ? error.message : String(error))
    }
  }

  /** Reads one stream; gives the reconnection time if it ended in an orderly way. */
  async #read(exchange: Exchange): Promise<number | undefined> {
    const { sse } = this.play.target.description
    await exchange.headed(this.left.signal)
    if (exchange.head?.status !== 200)
      return this.#stop(`the stream got ${describeResponse(exchange.head, exchange.completion)}`)
    const subscription = new EventSubscription(exchange, watched(this.play, this.#address))
    for (;;) {
      const seen = (await subscription.inbox.next(this.left.signal))?.seen
      if (seen === undefined || this.left.signal.aborted) return undefined
      if (seen.kind === 'end' && exchange.completion?.kind === 'complete')
        return subscription.reconnectionTime ?? usualReconnectionMs
      if (seen.kind === 'malformed' || seen.kind === 'end')
        return this.#stop(describeSubscriptionObservation(seen))
      if (seen.kind === 'event' || seen.kind === 'undispatched') this.#lastEventId = seen.lastEventId
      if (seen.kind === 'event' && (sse?.event === undefined || seen.type === sse.event))
        this.takeAll(() => updatesOf(sse?.update, seen.data))
    }
  }
}
