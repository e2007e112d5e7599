import { createHash } from 'node:crypto'
import type { Case, Instance } from '../../chapters/chapter.ts'
import { milliseconds } from '../../documents/duration.ts'
import { errorCode } from '../../documents/type-guards.ts'
import type { Watch } from '../../targets/hooks/http.ts'
import { openSession } from '../../targets/hooks/session.ts'
import type { Address, EndpointKind, Scope, Target } from '../../targets/target.ts'
import { deadline, extendedDeadline } from '../../wire/deadline.ts'
import type { ConnectionOptions } from '../../wire/connection.ts'
import type { Exchange } from '../../wire/http1/connection.ts'
import type { EventSubscription } from '../../wire/event-stream/subscription.ts'
import type { WebSocketPeer } from '../../wire/websocket/peer.ts'
import { HttpConnection } from '../../wire/http1/connection.ts'
import { encodeRequest } from '../../wire/http1/encode-request.ts'
import { defaultLimits, type Limits } from '../../wire/limits.ts'
import type { Finding } from '../../wire/finding.ts'
import { Transcript } from '../../wire/transcript.ts'
import { KnownIds } from '../event-stream/known-ids.ts'
import { Silence } from './optional-behaviour.ts'
import type { StockSocket } from '../websocket/stock-client.ts'
import type { StockSource } from '../event-stream/stock-client.ts'
import type { PollState } from '../polling/poll.ts'
import type { Receivers } from '../delivery/receiver.ts'

/** A named participant of a case. */
export type Actor =
  | {
      readonly kind: 'request'
      readonly exchange: Exchange
      readonly poll?: PollState
      /** A body that is still to be sent. */
      readonly withheld?: Uint8Array
    }
  | { readonly kind: 'subscriber'; readonly exchange: Exchange; readonly subscription: EventSubscription }
  | { readonly kind: 'peer'; readonly peer: WebSocketPeer }
  | { readonly kind: 'stock-socket'; readonly socket: StockSocket }
  | { readonly kind: 'stock-source'; readonly source: StockSource }
  | { readonly kind: 'receivers'; readonly receivers: Receivers }

/** A case refers to an actor that no step before has made. */
export class UnknownActor extends Error {}

/** The kit has used up what one instance may open. */
export class TooManySockets extends Error {}

/** What the cases of a run publish on channels that all of them see. */
export class SharedUpdates {
  readonly #publishers = new Map<string, Set<string>>()

  add(publisher: string, update: string): void {
    this.#publishers.set(update, (this.#publishers.get(update) ?? new Set()).add(publisher))
  }

  /** Whether others have published this text, and `reader` has not. */
  isForeign(reader: string, update: string): boolean {
    const publishers = this.#publishers.get(update)
    return publishers !== undefined && !publishers.has(reader)
  }
}

/** When the target last took a connection, last ended one, and first refused one, in milliseconds. */
export interface Traces {
  readonly taken: number | undefined
  readonly ended: number | undefined
  readonly refused: number | undefined
}

/** A wait that is shortened by no more than this part of it still proves something. */
const tolerableShare = 0.1

/** One instance of a case while it is played: its actors, its channel, its transcript, its bounds. */
export class Play {
  readonly target: Target
  readonly case: Case
  readonly instance: Instance
  readonly transcript = new Transcript()
  readonly limits: Limits = defaultLimits
  readonly findings: Finding[] = []
  readonly nonce: string
  readonly channel: string
  readonly captures: Record<string, string> = {}
  /** Updates that the target did not take, where the case lets it refuse them. */
  readonly refused = new Set<string>()
  readonly slow: number
  /** Aborts when the whole run is interrupted or the instance has taken far too long. */
  readonly signal: AbortSignal
  /** Hooks that were begun and not waited for. */
  readonly publishing: Promise<void>[] = []
  /** Ids of events that any case of the run has seen. */
  readonly ids: KnownIds
  readonly #silence: Silence
  readonly #updates: SharedUpdates
  readonly #actors = new Map<string, Actor>()
  readonly #closing: (() => void | Promise<void>)[] = []
  readonly #releases: (() => void)[] = []
  readonly #isSecondTry: boolean
  readonly #lostSince: (start: number) => number
  readonly #connections: HttpConnection[] = []
  #taken: number | undefined
  #refused: number | undefined
  #sockets = 0
  #clients = 0
  #masks = 0

  constructor(options: {
    target: Target
    case: Case
    instance: Instance
    slow: number
    seed: string
    signal: AbortSignal
    updates?: SharedUpdates
    ids?: KnownIds
    silence?: Silence
    earlier?: string | undefined
    lostSince?: (start: number) => number
  }) {
    this.target = options.target
    this.case = options.case
    this.instance = options.instance
    this.#isSecondTry = options.earlier !== undefined
    this.#lostSince = options.lostSince ?? (() => 0)
    this.slow = options.slow
    this.signal = options.signal
    this.#updates = options.updates ?? new SharedUpdates()
    this.ids = options.ids ?? new KnownIds()
    this.#silence = options.silence ?? new Silence()
    this.nonce = createHash('sha256')
      .update(`${options.seed} ${options.case.id} ${options.instance.name}`)
      .digest('hex')
      .slice(0, 12)
    this.channel = `pushspec-${this.nonce}`
  }

  /** Aborts after a bound written in the case, or the target's own; scaled by `--slow`. */
  within(text?: string): AbortSignal {
    return this.after(this.bound(text))
  }

  /** Aborts after `ms` milliseconds; in a second try they are such in which this process could look. */
  after(ms: number): AbortSignal {
    const { signal, release } = this.#isSecondTry
      ? extendedDeadline(ms, this.#lostSince, this.signal)
      : deadline(ms, this.signal)
    this.#releases.push(release)
    return signal
  }

  /**
   * Aborts after the time in which the target must have ended a connection. A second try does not stretch it as far as
   * other bounds: what comes later may be the target's time-out for idle connections.
   */
  noticing(text?: string): AbortSignal {
    return this.after(this.bound(text) * (this.#isSecondTry ? 0.5 : 1))
  }

  /** Notes whether what some targets do for nobody came. */
  heard(what: string, came: boolean): void {
    this.#silence.note(what, came)
  }

  /** Whether other cases have waited for it in vain, and it came not once. A second try is as patient as ever. */
  isSilent(what: string): boolean {
    return !this.#isSecondTry && this.#silence.isExpected(what)
  }

  /** For how long this process may be blocked, in milliseconds, without an excuse for a target that is late. */
  get tolerableBlock(): number {
    return this.bound() * (this.#isSecondTry ? 1 : tolerableShare)
  }

  /** Milliseconds of a bound. */
  bound(text?: string): number {
    return (text === undefined ? this.usualBound : milliseconds(text)) * this.slow
  }

  /** How long the target may take for an answer, in milliseconds, however slow this machine is. */
  get usualBound(): number {
    return milliseconds(this.target.description.within ?? '3s')
  }

  /** Values for the templates of the target description. */
  scope(extra: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    return { channel: this.channel, nonce: this.nonce, ...extra }
  }

  /** The next masking key: unforeseeable is not needed here, different each time is (RFC 6455 section 5.3). */
  mask(): Uint8Array {
    return createHash('sha256').update(`${this.nonce} ${this.#masks++}`).digest().subarray(0, 4)
  }

  /** Opens a session at an endpoint, in the name of a client that is different from all others. */
  session(kind: EndpointKind, extra: Scope = {}): Promise<Scope> {
    const client = `${this.nonce}-${++this.#clients}`
    return openSession(
      this.target,
      kind,
      this.scope({ client, ...extra }),
      this.within('10s'),
      this.watch('setup'),
    )
  }

  readonly onFinding = (finding: Finding): void => {
    if (this.findings.length < 200) this.findings.push(finding)
  }

  /** When this case has last begun to publish, in milliseconds since its start. */
  publishedAt: number | undefined

  /** Notes that this case has published something. */
  publishes(update: string): void {
    this.#updates.add(this.nonce, update)
  }

  /** Whether an update was published by another case, on a channel that both see. */
  isForeign(update: string): boolean {
    return this.#updates.isForeign(this.nonce, update)
  }

  note(actor: string, what: string): void {
    this.transcript.add(actor, 'note', what)
  }

  /** Notes what was done otherwise than with bytes of the kit's own. */
  aside(actor: string, what: string): void {
    this.transcript.add(actor, 'note', what, undefined, { act: 'aside' })
  }

  /** Notes what the kit asks of the target beside what is judged, so that it can be asked again. */
  watch(actor: string): Watch {
    return (deed) => {
      if (typeof deed !== 'string')
        return this.transcript.ask(
          actor,
          `${deed.method} ${deed.url.pathname}`,
          requestOf(deed),
          deed.url.origin,
        )
      this.aside(actor, deed)
      return (outcome) => this.note(actor, outcome)
    }
  }

  connectionOptions(actor: string, url: URL): ConnectionOptions {
    return { url, tls: this.target.tls, actor, transcript: this.transcript, limits: this.limits }
  }

  /** Opens a connection that is closed at the end of the case. Throws `ConnectionFailed` or `TooManySockets`. */
  async connect(actor: string, url: URL): Promise<HttpConnection> {
    this.countSocket()
    const options = this.connectionOptions(actor, url)
    const connection = await HttpConnection.open(options, this.onFinding, this.within()).catch(
      (error: unknown) => {
        if (errorCode(error) === 'ECONNREFUSED') this.#refused ??= this.transcript.now()
        throw error
      },
    )
    this.#taken = this.transcript.now()
    this.#connections.push(connection)
    this.atEnd(() => connection.wire.close())
    return connection
  }

  /** What the connections of this case tell of the target so far, since the start of the case. */
  get traces(): Traces {
    const ends = this.#connections
      .filter(({ wire }) => !wire.closedByKit)
      .flatMap(({ wire }) => wire.ended?.at ?? [])
    return {
      taken: this.#taken,
      ended: ends.length === 0 ? undefined : Math.max(...ends),
      refused: this.#refused,
    }
  }

  countSocket(): void {
    if (++this.#sockets > this.limits.sockets)
      throw new TooManySockets(`more than ${this.limits.sockets} connections in one case`)
  }

  atEnd(close: () => void | Promise<void>): void {
    this.#closing.push(close)
  }

  add(name: string, actor: Actor): void {
    this.#actors.set(name, actor)
  }

  actor(name: string): Actor {
    const actor = this.#actors.get(name)
    if (actor === undefined)
      throw new UnknownActor(
        `no actor is called "${name}" yet; there are: ${[...this.#actors.keys()].slice(0, 20).join(', ') || 'none'}`,
      )
    return actor
  }

  /** All actors that one name stands for: `waiter` itself, or `waiter 1` to `waiter 50`. */
  named(name: string): readonly string[] {
    if (this.#actors.has(name)) return [name]
    const many = this.actorNames.filter(
      (one) => one.startsWith(`${name} `) && /^\d+$/.test(one.slice(name.length + 1)),
    )
    return many.length > 0 ? many : [name]
  }

  get actorNames(): readonly string[] {
    return [...this.#actors.keys()]
  }

  /** The exchange of a request or a subscriber. */
  exchange(name: string): Exchange {
    const actor = this.actor(name)
    if (actor.kind === 'request' || actor.kind === 'subscriber') return actor.exchange
    if (actor.kind === 'peer') return actor.peer.handshake
    throw new UnknownActor(`"${name}" is not a request`)
  }

  /** Closes every actor, whatever happened. */
  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).toReversed()) await close()
    for (const release of this.#releases.splice(0)) release()
  }
}

/** A request of the kit's own, as it is written by hand: its client frames it like this, but may add fields. */
function requestOf({ url, method, headers, body }: Address): Uint8Array {
  const content = body === undefined ? undefined : Buffer.from(body)
  const length = content === undefined ? [] : [['Content-Length', String(content.length)] as const]
  return encodeRequest({
    method,
    target: url.pathname + url.search,
    headers: [['Host', url.host], ...headers, ...length, ['Connection', 'close']],
    ...(content === undefined ? {} : { body: content }),
  })
}
