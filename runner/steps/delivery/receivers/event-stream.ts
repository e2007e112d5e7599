import { streamHeaded } from '../../event-stream/head.ts'
import { updatesOf } from '../../../targets/cursor.ts'
import type { Address } from '../../../targets/address.ts'
import {
  EventSubscription,
  describeSubscriptionObservation,
} from '../../../wire/event-stream/subscription.ts'
import type { Exchange } from '../../../wire/exchange.ts'
import { describeResponse } from '../../language/expectations.ts'
import { BaseReceiver, type Position, type Receiver, type ReceiverOptions } from './receiver.ts'
import { buildRequest } from '../../language/request.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { subscriptionOptions } from '../../event-stream/subscribe.ts'

/** The reconnection time if the target has announced none. */
const defaultReconnectionMs = 100

/** Reads one event stream after another: it reconnects when a stream has ended in an orderly way (HTML section 9.2.3). */
export class StreamReceiver extends BaseReceiver implements Receiver {
  readonly technique = 'sse'
  readonly #options: ReceiverOptions
  #lastEventId: string

  private constructor(options: ReceiverOptions) {
    super(options)
    this.#options = options
    this.#lastEventId = options.from?.[0] ?? ''
  }

  static async open(options: ReceiverOptions): Promise<StreamReceiver> {
    const receiver = new StreamReceiver(options)
    const exchange = await receiver.#connect()
    void receiver.#readStreams(exchange)
    return receiver
  }

  get position(): Position {
    return [this.#lastEventId]
  }

  get #address(): Address {
    return this.play.target.address('sse', this.#options.scope)
  }

  async #connect(): Promise<Exchange> {
    const { play, name } = this.#options
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

  #endReading(why: string): undefined {
    this.end(why)
    return undefined
  }

  async #readStreams(first: Exchange): Promise<void> {
    const { signal } = this.left
    try {
      for (let exchange = first; !signal.aborted; exchange = await this.#connect()) {
        const pauseMs = await this.#readStream(exchange)
        if (pauseMs === undefined || signal.aborted) return
        await pause(pauseMs, undefined, { signal })
      }
    } catch (error) {
      this.end(error instanceof Error ? error.message : String(error))
    }
  }

  /** Reads one stream. Returns the reconnection time in milliseconds if the stream ended in an orderly way. */
  async #readStream(exchange: Exchange): Promise<number | undefined> {
    const { sse } = this.play.target.description
    await exchange.headed(this.left.signal)
    if (exchange.head?.status !== 200)
      return this.#endReading(
        `the subscription got ${describeResponse(exchange.head, exchange.completion)}, not 200`,
      )
    const subscription = new EventSubscription(exchange, subscriptionOptions(this.play, this.#address))
    for (;;) {
      const seen = (await subscription.inbox.next(this.left.signal))?.seen
      if (seen === undefined || this.left.signal.aborted) return undefined
      if (seen.kind === 'end' && exchange.completion?.kind === 'complete')
        return subscription.reconnectionTime ?? defaultReconnectionMs
      if (seen.kind === 'malformed' || seen.kind === 'end')
        return this.#endReading(describeSubscriptionObservation(seen))
      if (seen.kind === 'event' || seen.kind === 'undispatched') this.#lastEventId = seen.lastEventId
      if (seen.kind === 'event' && (sse?.event === undefined || seen.type === sse.event))
        this.addUpdates(() => updatesOf(sse?.update, seen.data))
    }
  }
}
