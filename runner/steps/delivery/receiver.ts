import { setTimeout as pause } from 'node:timers/promises'
import { type Cursor, cursorParts, firstOf, readFrom, sendCursor, updatesOf } from '../../targets/cursor.ts'
import { ChangeNotifier } from '../../wire/change-notifier.ts'
import { checkHandshakeResponse, newKey } from '../../wire/websocket/handshake.ts'
import { HeaderList } from '../../wire/headers.ts'
import { describeEnd, type Exchange, type HttpConnection } from '../../wire/http1/connection.ts'
import { describePeerObservation, WebSocketPeer } from '../../wire/websocket/peer.ts'
import { describeResponse } from '../stage/expectations.ts'
import type { Ledger } from './ledger.ts'
import type { Play } from '../stage/play.ts'
import { keptConnection, nextCursor, type Polled, replied, updatesIn } from '../polling/poll.ts'
import { buildRequest } from '../stage/request.ts'
import { handshakeFields } from '../websocket/handshake.ts'
import { Base, connect, type Opening, type Over, type Position, type Receiver } from './receiver-base.ts'
import { StreamReceiver } from './stream-receiver.ts'

export { type Over, overs, type Position, type Receiver, type Receivers } from './receiver-base.ts'

/** Every client on this channel should get this text. */
export function owe(play: Play, channel: string, text: string): void {
  for (const { owed } of ledgersOf(play, channel)) owed.push(text)
}

/** The target has not taken this text: nobody should get it. */
export function disown(play: Play, channel: string, text: string): void {
  for (const { owed } of ledgersOf(play, channel)) owed.splice(owed.lastIndexOf(text), 1)
}

function ledgersOf(play: Play, channel: string): readonly Ledger[] {
  const ledgers = play.actorNames.flatMap((name) => {
    const actor = play.actor(name)
    return actor.kind === 'receivers' ? actor.receivers.map(({ ledger }) => ledger) : []
  })
  return [...new Set(ledgers)].filter((ledger) => ledger.channel === channel)
}

/** Opens a receiver; nobody knows yet whether it is heard. Throws `ConnectionFailed`. */
export function openReceiver(over: Over, opening: Opening): Promise<Receiver> {
  if (over === 'sse') return StreamReceiver.open(opening)
  return over === 'websocket' ? FeedReceiver.open(opening) : PollingReceiver.open(over, opening)
}

/** How often a poller asks while answers are empty; where an answer takes long, it asks more seldom. */
const intervalMs = 100
const leastRest = 10
const mostRestMs = 1000

/** Asks again and again, from the cursor of the last answer; at once after an answer with updates. */
class PollingReceiver extends Base implements Receiver {
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
    this.connection = await connect(play, name, play.target.address(this.over, scope).url)
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
  async #ask(): Promise<Polled> {
    const used = this.connection?.wire.ended === undefined ? this.connection : undefined
    const polled = await this.#askOn(used ?? (await this.#connect()))
    const { completion, firstByteAt } = polled.exchange
    const isUnheard = completion?.kind === 'broken' && firstByteAt === undefined
    if (!isUnheard || used === undefined || this.left.signal.aborted) return polled
    return this.#askOn(await this.#connect())
  }

  async #askOn(connection: HttpConnection): Promise<Polled> {
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
      parts: {},
      isReused: connection.exchanges.length > 1,
    }
    return { name, exchange, poll }
  }

  /** How many updates an answer held; the cursor moves on. */
  async #take(polled: Polled): Promise<number> {
    const { head, completion } = polled.exchange
    if (completion?.kind !== 'complete') {
      this.end(`a poll got ${describeResponse(head, completion)}, incomplete`)
      return 0
    }
    if (keptConnection(polled) === undefined) this.connection?.wire.close()
    await replied(this.play, polled)
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

/** One WebSocket. */
class FeedReceiver extends Base implements Receiver {
  readonly over = 'websocket'
  #position: string | undefined

  static async open(opening: Opening): Promise<FeedReceiver> {
    const { play, name, scope, from } = opening
    const receiver = new FeedReceiver(opening)
    const { websocket } = play.target.description
    receiver.#position = from?.[0]
    const parts = cursorParts(websocket ?? {})
    const [first] = firstOf(parts, play.target.scope(scope))
    const address = sendCursor(play.target.address('updates', scope), parts, [from?.[0] ?? first])
    const connection = await connect(play, name, address.url)
    receiver.connection = connection
    const key = newKey(play.mask())
    const subprotocols = play.target.offer('updates')
    const request = buildRequest(address, {}, handshakeFields({ subprotocols }, key))
    const exchange = connection.request(request.bytes, request)
    const peer = new WebSocketPeer(exchange, {
      limits: play.limits,
      onFinding: play.onFinding,
      mask: () => play.mask(),
      note: () => {},
    })
    exchange.onHead = (head) => {
      const asked = { key, offeredSubprotocols: subprotocols, offeredExtensions: [] }
      if (head.status === 101) for (const one of checkHandshakeResponse(head, asked)) play.onFinding(one)
    }
    await exchange.headed(play.within())
    void receiver.#readOn(peer, exchange)
    return receiver
  }

  get position(): Position {
    return [this.#position]
  }

  async #readOn(peer: WebSocketPeer, exchange: Exchange): Promise<void> {
    const { signal } = this.left
    await exchange.headed(signal)
    if (exchange.head?.status !== 101)
      return this.end(`the opening handshake got ${describeResponse(exchange.head, exchange.completion)}`)
    while (!signal.aborted) {
      const seen = (await peer.inbox.next(signal))?.seen
      if (seen === undefined || signal.aborted) return
      if (seen.kind === 'end') return this.end(`the connection ${describeEnd(seen.end)}`)
      if (seen.kind === 'close' || seen.kind === 'malformed') return this.end(describePeerObservation(seen))
      if (seen.kind === 'message') this.#take(Buffer.from(seen.payload).toString())
    }
  }

  #take(text: string): void {
    const { websocket } = this.play.target.description
    if (websocket?.cursor !== undefined) {
      const answer = { status: 101, headers: new HeaderList([]), body: text }
      this.#position = readFrom(websocket.cursor.from, answer) ?? this.#position
    }
    this.takeAll(() => updatesOf(websocket?.update, text))
  }
}
