import { setTimeout as pause } from 'node:timers/promises'
import { type Cursor, cursorParts, firstOf, sendCursor } from '../../../targets/cursor.ts'
import { ChangeNotifier } from '../../../wire/change-notifier.ts'
import type { HttpConnection } from '../../../wire/exchange.ts'
import { describeResponse } from '../../language/expectations.ts'
import { buildRequest } from '../../language/request.ts'
import {
  nextCursor,
  Poller,
  respondToPings,
  reusableConnection,
  updatesIn,
  type Technique,
} from '../../polling/poller.ts'
import { BaseReceiver, type Position, type Receiver, type ReceiverOptions } from './receiver.ts'

/** The pause between polls while responses are empty; a slow target is polled less often. */
const pauseMs = 100
/** With short polling, the pause is at least this many times as long as the last poll took, up to `longestPauseMs`. */
const pauseFactor = 10
const longestPauseMs = 1000

/** Polls repeatedly, each time from the cursor of the last response; at once after a response with updates. */
export class PollingReceiver extends BaseReceiver implements Receiver {
  readonly technique: Technique
  readonly #options: ReceiverOptions
  readonly #changes = new ChangeNotifier()
  #cursor: Cursor
  #isReading = true

  private constructor(technique: Technique, options: ReceiverOptions) {
    super(options)
    this.technique = technique
    this.#options = options
    this.#cursor = options.from ?? firstOf(this.#parts, this.play.target.scope(options.scope))
  }

  static async open(technique: Technique, options: ReceiverOptions): Promise<PollingReceiver> {
    const receiver = new PollingReceiver(technique, options)
    await receiver.#connect()
    void receiver.#pollRepeatedly()
    return receiver
  }

  get position(): Position {
    return this.#cursor
  }

  override setReading(state: 'stopped' | 'resumed'): void {
    this.#isReading = state === 'resumed'
    this.#changes.notify()
  }

  get #parts() {
    return cursorParts(this.play.target.description[this.technique] ?? {})
  }

  async #connect(): Promise<HttpConnection> {
    const { play, name, scope } = this.#options
    this.connection = await play.connections.open(name, play.target.address(this.technique, scope).url)
    return this.connection
  }

  async #pollRepeatedly(): Promise<void> {
    const { signal } = this.left
    try {
      while (!signal.aborted && this.record.ended === undefined) {
        const poller = await this.#poll()
        if (signal.aborted) return
        const { exchange } = poller
        const took = exchange.connection.wire.now() - exchange.sentAt
        const count = await this.#readResponse(poller)
        const rest =
          this.technique === 'polling'
            ? Math.min(Math.max(pauseMs, pauseFactor * took), longestPauseMs)
            : pauseMs - took
        if (count === 0 && rest > 0) await pause(rest, undefined, { signal })
        await this.#changes.until(() => this.#isReading, signal)
      }
    } catch (error) {
      this.end(error instanceof Error ? error.message : String(error))
    }
  }

  /** Polls on the open connection; again on a new one if the target closed it while idle (RFC 9112 section 9.3.1). */
  async #poll(): Promise<Poller> {
    const open = this.connection?.wire.ended === undefined ? this.connection : undefined
    const poller = await this.#pollOn(open ?? (await this.#connect()))
    const { completion, firstByteAt } = poller.exchange
    const isUnanswered = completion?.kind === 'broken' && firstByteAt === undefined
    if (!isUnanswered || open === undefined || this.left.signal.aborted) return poller
    return this.#pollOn(await this.#connect())
  }

  async #pollOn(connection: HttpConnection): Promise<Poller> {
    const { play, scope, name } = this.#options
    const address = sendCursor(play.target.address(this.technique, scope), this.#parts, this.#cursor)
    const request = buildRequest(address, {})
    const exchange = connection.request(request.bytes, request)
    await exchange.completed(this.left.signal)
    const poll = {
      technique: this.technique,
      cursor: this.#cursor,
      session: scope,
      holdMs: undefined,
      overrides: {},
      isConnectionReused: connection.exchanges.length > 1,
    }
    return new Poller(name, exchange, poll)
  }

  /** Adds the updates of a response and moves the cursor. Returns the number of updates. */
  async #readResponse(poller: Poller): Promise<number> {
    const { head, completion } = poller.exchange
    if (completion?.kind !== 'complete') {
      this.end(`a poll got no complete response: ${describeResponse(head, completion)}`)
      return 0
    }
    if (reusableConnection(poller) === undefined) this.connection?.wire.close()
    await respondToPings(this.play, poller)
    let count = 0
    this.addUpdates(() => {
      const updates = updatesIn(this.play, poller)
      count = updates.length
      return updates
    })
    this.#cursor = nextCursor(this.play, poller)
    return count
  }
}
