import { milliseconds } from '../../documents/duration.ts'
import {
  type FullResponse,
  cursorParts,
  firstOf,
  isEmpty,
  packetsOf,
  readCursor,
  sendCursor,
  updatesOf,
} from '../../targets/cursor.ts'
import { NotAsDescribed } from '../../targets/errors/not-as-described.ts'
import { sendOwnRequest } from '../../targets/request.ts'
import { HookFailed } from '../../targets/errors/hook-failed.ts'
import { endingOf } from '../../targets/description/schema.ts'
import type { Address } from '../../targets/address.ts'
import { type Scope, expand } from '../../targets/description/template.ts'
import { HeaderList } from '../../wire/headers.ts'
import type { Exchange, HttpConnection } from '../../wire/exchange.ts'
import { Actor } from '../stage/actor.ts'
import type { Play } from '../stage/play.ts'
import { buildRequest, chopSize, type RequestOverrides, sendRequest } from '../language/request.ts'

export type Technique = 'polling' | 'long-polling'

/** What a case can override in a poll; used for every request that the same poller sends. */
export interface PollOverrides extends RequestOverrides {
  readonly hold?: string
}

/** How a poll was sent; the next poll of the same client continues from it. */
export interface PollState {
  readonly technique: Technique
  /** The cursor that was sent, part by part. */
  readonly cursor: readonly (string | undefined)[]
  readonly session: Scope
  /** Milliseconds after which the hold should time out; undefined if that is not known. */
  readonly holdMs: number | undefined
  readonly overrides: PollOverrides
  /** The kit itself chose to send the poll on a connection that was used before. */
  readonly isConnectionReused: boolean
}

/** A client that polls: its last poll, with the response so far. */
export class Poller extends Actor {
  static readonly kindName = 'a poll'
  readonly poll: PollState
  readonly #exchange: Exchange

  constructor(name: string, exchange: Exchange, poll: PollState) {
    super(name)
    this.#exchange = exchange
    this.poll = poll
  }

  override get exchange(): Exchange {
    return this.#exchange
  }

  override get holdMs(): number | undefined {
    return this.poll.holdMs
  }
}

/** A poll to send. */
export interface PollToSend {
  readonly technique: Technique
  readonly session: Scope
  readonly cursor: readonly (string | undefined)[]
  readonly overrides: PollOverrides
  readonly on?: HttpConnection | undefined
  readonly isConnectionReused?: boolean
}

/** Sends a poll as the actor `name`. Throws `ConnectionFailed` or `TooManySockets`. */
export async function sendPoll(play: Play, name: string, toSend: PollToSend): Promise<Poller> {
  const { technique, session, cursor, overrides, on, isConnectionReused = false } = toSend
  const described = play.target.address(technique, play.identity.scope(session))
  const { address, holdMs } = withHold(play, overrides.hold, technique, described)
  const request = buildRequest(sendCursor(address, cursorPartsOf(play, technique), cursor), overrides)
  const exchange = await sendRequest(play, name, address, request, { on, chop: chopSize(overrides.write) })
  const poll = { technique, cursor, session, holdMs, overrides, isConnectionReused }
  const poller = new Poller(name, exchange, poll)
  play.actors.add(poller)
  return poller
}

/** The address, with the requested time-out if the target lets a client set one, and the time-out that then applies. */
function withHold(play: Play, hold: string | undefined, technique: Technique, address: Address) {
  const timeout = technique === 'long-polling' ? endingOf(play.target.description) : undefined
  const declared = timeout?.after === undefined ? undefined : milliseconds(timeout.after)
  if (hold === undefined || timeout?.set === undefined) return { address, holdMs: declared }
  const { unit, as = '${time}', ...send } = timeout.set
  const isDuration = /^[0-9.]+(ms|s|m)$/.test(hold)
  const requestedMs = isDuration ? play.bounds.milliseconds(hold) : 0
  const holdMs = unit === 's' ? Math.ceil(requestedMs / 1000) * 1000 : Math.round(requestedMs)
  const time = isDuration ? String(unit === 's' ? holdMs / 1000 : holdMs) : hold
  const value = expand(as, { time })
  return { address: sendCursor(address, [{ from: { header: '' }, send }], [value]), holdMs }
}

/** The poller of that name. Throws `UnknownActor`. */
export const pollerOf = (play: Play, name: string): Poller => play.actors.getAs(name, Poller)

/** The names of all pollers that a name in a case refers to. Throws `UnknownActor`. */
export const pollerNames = (play: Play, name: string): string[] =>
  play.actors.names(name).map((one) => pollerOf(play, one).name)

export const endpointOf = (play: Play, technique: Technique) =>
  play.target.description[technique] ?? { path: '/' }
const cursorPartsOf = (play: Play, technique: Technique) => cursorParts(endpointOf(play, technique))

/** The cursor of the first poll of a client. */
export const firstCursor = (play: Play, technique: Technique, session: Scope) =>
  firstOf(cursorPartsOf(play, technique), play.target.scope(session))

/** A cursor that has the same text in every part. */
export const uniformCursor = (play: Play, technique: Technique, text: string) =>
  cursorPartsOf(play, technique).map(() => text)

/** The cursor for the next poll: from the response, or unchanged where the response gives no new value. */
export function nextCursor(play: Play, { exchange, poll }: Poller): readonly (string | undefined)[] {
  return cursorInResponse(play, exchange, poll).map((value, part) => value ?? poll.cursor[part])
}

/** The cursor in a response, part by part; undefined for a part that the response does not have. */
export const cursorInResponse = (play: Play, exchange: Exchange, { technique }: PollState) =>
  readCursor(cursorPartsOf(play, technique), responseOf(exchange))

const responseOf = ({ head, content }: Exchange): FullResponse => ({
  status: head?.status ?? 0,
  headers: head?.headers ?? noHeaders,
  body: Buffer.from(content).toString(),
})
const noHeaders = new HeaderList()

/** The updates in a complete response. @throws NotAsDescribed if it is not as the target description says */
export function updatesIn(play: Play, { exchange, poll }: Poller): string[] {
  const endpoint = endpointOf(play, poll.technique)
  const response = responseOf(exchange)
  const ending = poll.technique === 'long-polling' ? endingOf(play.target.description) : undefined
  const empty = ending ?? ('empty' in endpoint ? endpoint.empty : undefined)
  if (ending?.repeats && repeatsCursor(play, exchange, poll)) return []
  if (response.status === 204 || response.status === 304 || isEmpty(empty, response, endpoint.update))
    return []
  if (response.status < 200 || response.status > 299)
    throw new NotAsDescribed(`${response.status} ${exchange.head?.reason ?? ''}`.trim())
  return updatesOf(endpoint.update, response.body)
}

/** Whether the response has the same cursor as its poll. */
const repeatsCursor = (play: Play, exchange: Exchange, poll: PollState): boolean =>
  cursorInResponse(play, exchange, poll).every((value, part) => value === poll.cursor[part])

/** Sends the next poll of a poller, with the cursor from its last response. */
export async function pollAgain(play: Play, before: Poller, on?: HttpConnection): Promise<Poller> {
  const { technique, session, overrides } = before.poll
  const cursor = nextCursor(play, before)
  return sendPoll(play, before.name, {
    technique,
    session,
    overrides,
    cursor,
    on,
    isConnectionReused: on !== undefined,
  })
}

/** The responses that are skipped when a case waits for one: those with nothing but updates of other cases, or pings. */
export type SkippedResponses = 'foreign updates' | 'foreign updates or pings'

/**
 * Waits for the response to a poll, and responds to pings in it. A response that has only updates of other cases (on a
 * shared channel) or, if `skipped` says so, only pings is followed by another poll.
 */
export async function awaitResponse(
  play: Play,
  name: string,
  signal: AbortSignal,
  skipped: SkippedResponses,
): Promise<Poller> {
  for (;;) {
    const current = pollerOf(play, name)
    await current.exchange.completed(signal)
    if (current.exchange.completion?.kind !== 'complete') {
      if (!wasClosedBeforeResponse(current)) return current
      await pollAgain(play, current)
      continue
    }
    const hadPings = await respondToPings(play, current)
    const updates = readableUpdates(play, current)
    const isForeign = updates.length > 0 && updates.every((update) => play.publications.isForeign(update))
    const isPing = hadPings && updates.length === 0 && skipped === 'foreign updates or pings'
    if ((!isForeign && !isPing) || signal.aborted) return current
    play.notes.add(
      name,
      isForeign ? 'only updates of other cases: polls again' : 'only pings, responded to: polls again',
    )
    await pollAgain(play, current, reusableConnection(current))
  }
}

/**
 * Whether the target closed a reused connection before it responded. A server may close an idle connection at any time,
 * and the client then sends its request again on a new one (RFC 9112 section 9.3.1).
 */
export const wasClosedBeforeResponse = ({ exchange, poll }: Poller): boolean =>
  poll.isConnectionReused && exchange.completion?.kind === 'broken' && exchange.firstByteAt === undefined

/** The connection of a poll, if it can carry another request. */
export const reusableConnection = ({ exchange }: Poller): HttpConnection | undefined =>
  exchange.isConnectionReusable ? exchange.connection : undefined

/** The updates in the response to a poll; none if it is not as the target description says. */
function readableUpdates(play: Play, poller: Poller): string[] {
  try {
    return updatesIn(play, poller)
  } catch (error) {
    if (error instanceof NotAsDescribed) return []
    throw error
  }
}

const handledPings = new WeakSet<Exchange>()

/**
 * Sends the requests with which a client has to respond to packets such as pings (`answers` in the target description).
 * True if the response had such packets.
 */
export async function respondToPings(play: Play, { name, exchange, poll }: Poller): Promise<boolean> {
  const endpoint = endpointOf(play, poll.technique)
  const pings = 'answers' in endpoint ? (endpoint.answers ?? []) : []
  const packets = packetsOf(responseOf(exchange).body, endpoint.update?.split)
  const received = pings.filter(({ when }) => packets.includes(when))
  if (received.length === 0 || handledPings.has(exchange)) return received.length > 0
  handledPings.add(exchange)
  for (const { when, request } of received) {
    const address = play.target.request(request, play.identity.scope(poll.session))
    const done = play.notes.watch(name)(address)
    const { status } = await sendOwnRequest(play.target, address, play.bounds.within()).catch(
      (error: unknown) => {
        throw new HookFailed(`the request in response to ${JSON.stringify(when)} failed: ${String(error)}`)
      },
    )
    done(`response to ${JSON.stringify(when)}, got ${status}`)
  }
  return true
}
