import { setTimeout as pause } from 'node:timers/promises'
import { type Cursor, cursorParts, firstOf, sendCursor } from '../../../targets/cursor.ts'
import { ChangeNotifier } from '../../../wire/change-notifier.ts'
import type { HttpConnection } from '../../../wire/exchange.ts'
import { describeResponse } from '../../language/expectations.ts'
import { buildRequest } from '../../language/request.ts'
import { nextCursor, Poller, respondToPings, reusableConnection, updatesIn } from '../../polling/poller.ts'
import { BaseReceiver, type Opening, type Position, type Receiver } from './receiver.ts'

/** How often a poller asks while answers are empty; where an answer takes long, it asks more seldom. */
const intervalMs = 100
const leastRest = 10
const mostRestMs = 1000

/** Asks again and again, from the cursor of the last answer; at once after an answer with updates. */
export class PollingReceiver extends BaseReceiver implements Receiver {
  readonly over: 'polling' | 'long-polling'
  readonly #opening: Opening
  readonly #changes = new ChangeNotifier()
  #cursor: Cursor
  #isReading = true

  private constructor(over: 'polling' | 'long-polling', opening: Opening) {
    super(opening)
    this.over = over
    this.#opening = opening
    this.#cursor = opening.from ?? firstOf(this.#parts, this.play.target.scope(opening.scope))
  }

  static async open(over: 'polling' | 'long-polling', opening: Opening): Promise<PollingReceiver> {
    const receiver = new PollingReceiver(over, opening)
    await receiver.#connect()
    void receiver.#pollOn()
    return receiver
  }

  get position(): Position {
    return this.#cursor
  }

  override read(state: 'stopped' | 'resumed'): void {
    this.#isReading = state === 'resumed'
    this.#changes.notify()
  }

  get #parts() {
    return cursorParts(this.play.target.description[this.over] ?? {})
  }

  async #connect(): Promise<HttpConnection> {
    const { play, name, scope } = this.#opening
    this.connection = await play.connections.open(name, play.target.address(this.over, scope).url)
    return this.connection
  }

  async #pollOn(): Promise<void> {
    const { signal } = this.left
    try {
      while (!signal.aborted && this.ledger.ended === undefined) {
        const polled = await this.#ask()
        if (signal.aborted) return
        const { exchange } = polled
        const took = exchange.connection.wire.now() - exchange.sentAt
        const count = await this.#take(polled)
        const rest =
          this.over === 'polling'
            ? Math.min(Math.max(intervalMs, leastRest * took), mostRestMs)
            : intervalMs - took
        if (count === 0 && rest > 0) await pause(rest, undefined, { signal })
        await this.#changes.until(() => this.#isReading, signal)
      }
    } catch (error) {
      this.end(error instanceof Error ? error.message : String(error))
    }
  }

  /** A request that meets the end of an idle connection is sent again on a new one (RFC 9112 section 9.3.1). */
  async #ask(): Promise<Poller> {
    const used = this.connection?.wire.ended === undefined ? this.connection : undefined
    const polled = await this.#askOn(used ?? (await this.#connect()))
    const { completion, firstByteAt } = polled.exchange
    const isUnheard = completion?.kind === 'broken' && firstByteAt === undefined
    if (!isUnheard || used === undefined || this.left.signal.aborted) return polled
    return this.#askOn(await this.#connect())
  }

  async #askOn(connection: HttpConnection): Promise<Poller> {
    const { play, scope, name } = this.#opening
    const address = sendCursor(play.target.address(this.over, scope), this.#parts, this.#cursor)
    const request = buildRequest(address, {})
    const exchange = connection.request(request.bytes, request)
    await exchange.completed(this.left.signal)
    const poll = {
      technique: this.over,
      cursor: this.#cursor,
      session: scope,
      holdMs: undefined,
      overrides: {},
      isConnectionReused: connection.exchanges.length > 1,
    }
    return new Poller(name, exchange, poll)
  }

  /** How many updates an answer held; the cursor moves on. */
  async #take(polled: Poller): Promise<number> {
    const { head, completion } = polled.exchange
    if (completion?.kind !== 'complete') {
      this.end(`a poll got ${describeResponse(head, completion)}, incomplete`)
      return 0
    }
    if (reusableConnection(polled) === undefined) this.connection?.wire.close()
    await respondToPings(this.play, polled)
    let count = 0
    this.takeAll(() => {
      const updates = updatesIn(this.play, polled)
      count = updates.length
      return updates
    })
    this.#cursor = nextCursor(this.play, polled)
    return count
  }
}
