import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Cursor,
  cursorParts,
  firstOf,
  NotAsDescribed,
  readFrom,
  sendCursor,
  updatesOf,
} from '../target/cursor.ts'
import type { Address, Scope } from '../target/target.ts'
import { Changes } from '../wire/changes.ts'
import { EventSubscription, describeStream } from '../wire/event-subscription.ts'
import { checkHandshakeResponse, newKey } from '../wire/handshake.ts'
import { HeaderList } from '../wire/headers.ts'
import { describeEnd, type Exchange, HttpConnection } from '../wire/http-connection.ts'
import { describe, WebSocketPeer } from '../wire/websocket-peer.ts'
import { watched } from './event-stream.ts'
import { describeResponse } from './expect.ts'
import type { Ledger } from './ledger.ts'
import type { Play } from './play.ts'
import { keptConnection, nextCursor, type Polled, replied, updatesIn } from './poll.ts'
import { buildRequest } from './request.ts'
import { handshakeFields } from './websocket-handshake.ts'

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
  drop(how: 'fin' | 'rst' | 'half'): void
  read(state: 'stopped' | 'resumed'): void
}
export type Receivers = readonly Receiver[]

/** How a receiver is opened. */
export interface Opening {
  readonly play: Play
  readonly name: string
  readonly scope: Scope
  readonly ledger: Ledger
  /** Where another receiver stood, to go on from there. */
  readonly from: Position | undefined
}

/** Every client on this channel should get this text. */
export function owe(play: Play, channel: string, text: string): void {
  const ledgers = play.actorNames.flatMap((name) => {
    const actor = play.actor(name)
    return actor.kind === 'receivers' ? actor.receivers.map(({ ledger }) => ledger) : []
  })
  for (const ledger of new Set(ledgers)) if (ledger.channel === channel) ledger.owed.push(text)
}

/** Opens a receiver; nobody knows yet whether it is heard. Throws `ConnectionFailed`. */
export function openReceiver(over: Over, opening: Opening): Promise<Receiver> {
  if (over === 'sse') return StreamReceiver.open(opening)
  return over === 'websocket' ? FeedReceiver.open(opening) : PollingReceiver.open(over, opening)
}

const connect = (play: Play, name: string, url: URL): Promise<HttpConnection> =>
  HttpConnection.open(play.connectionOptions(name, url), play.onFinding, play.within())

/** What all receivers do: they leave once, and are gone at the end of the case. */
abstract class Base {
  readonly ledger: Ledger
  protected readonly play: Play
  protected readonly left = new AbortController()
  protected connection: HttpConnection | undefined

  constructor({ play, ledger }: Opening) {
    this.play = play
    this.ledger = ledger
    setMaxListeners(0, this.left.signal)
    play.countSocket()
    play.atEnd(() => this.drop('fin'))
  }

  drop(how: 'fin' | 'rst' | 'half'): void {
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

/** How often a poller asks while answers are empty; where an answer takes long, it asks more seldom. */
const intervalMs = 100
const leastRest = 10
const mostRestMs = 1000

/** Asks again and again, from the cursor of the last answer; at once after an answer with updates. */
class PollingReceiver extends Base implements Receiver {
  readonly over: 'polling' | 'long-polling'
  readonly #opening: Opening
  readonly #changes = new Changes()
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

/** One event stream. */
class StreamReceiver extends Base implements Receiver {
  readonly over = 'sse'
  #lastEventId = ''

  static async open(opening: Opening): Promise<StreamReceiver> {
    const { play, name, scope, from } = opening
    const receiver = new StreamReceiver(opening)
    const address = play.target.address('sse', scope)
    receiver.#lastEventId = from?.[0] ?? ''
    const id = receiver.#lastEventId
    const fields: (readonly [string, string])[] = [
      ['Accept', 'text/event-stream'],
      ...(id === '' ? [] : [['Last-Event-ID', Buffer.from(id).toString('latin1')] as const]),
    ]
    const connection = await connect(play, name, address.url)
    receiver.connection = connection
    const request = buildRequest(address, {}, fields)
    const exchange = connection.request(request.bytes, request)
    await exchange.headed(play.within())
    void receiver.#readOn(exchange, address)
    return receiver
  }

  get position(): Position {
    return [this.#lastEventId]
  }

  async #readOn(exchange: Exchange, address: Address): Promise<void> {
    const { sse } = this.play.target.description
    await exchange.headed(this.left.signal)
    if (exchange.head?.status !== 200)
      return this.end(`the stream got ${describeResponse(exchange.head, exchange.completion)}`)
    const subscription = new EventSubscription(exchange, watched(this.play, address))
    while (!this.left.signal.aborted) {
      const seen = (await subscription.inbox.next(this.left.signal))?.seen
      if (seen === undefined || this.left.signal.aborted) return
      if (seen.kind === 'malformed' || seen.kind === 'end') return this.end(describeStream(seen))
      if (seen.kind === 'event' || seen.kind === 'undispatched') this.#lastEventId = seen.lastEventId
      if (seen.kind === 'event' && (sse?.event === undefined || seen.type === sse.event))
        this.takeAll(() => updatesOf(sse?.update, seen.data))
    }
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
    const cursor = from ?? firstOf(parts, play.target.scope(scope))
    const address = sendCursor(play.target.address('updates', scope), parts, cursor)
    const connection = await connect(play, name, address.url)
    receiver.connection = connection
    const key = newKey(play.mask())
    const peer = new WebSocketPeer(connection, {
      limits: play.limits,
      onFinding: play.onFinding,
      mask: () => play.mask(),
      note: () => {},
    })
    const request = buildRequest(address, {}, handshakeFields({}, key))
    const exchange = peer.open(request.bytes, request)
    exchange.onHead = (head) => {
      const asked = { key, offeredSubprotocols: [], offeredExtensions: [] }
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
      if (seen.kind === 'close' || seen.kind === 'malformed') return this.end(describe(seen))
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
