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
import type { Exchange, HttpConnection } from '../../wire/http1/connection.ts'
import { type Play, UnknownActor } from '../stage/play.ts'
import { buildRequest, chopOf, type RequestParts, sendRequest } from '../stage/request.ts'

export type Technique = 'polling' | 'long-polling'

/** Timers of servers may fire a few milliseconds early. */
export const timerGrainMs = 20

/** What a case may say of one poll; it holds for every request that the same poller sends. */
export interface PollParts extends RequestParts {
  readonly hold?: string
}

/** What a poll hands over to the next one of the same client. */
export interface PollState {
  readonly technique: Technique
  /** The cursor that was sent, part by part. */
  readonly cursor: readonly (string | undefined)[]
  readonly session: Scope
  /** Milliseconds after which a hold is to time out, or undefined where that is not known. */
  readonly holdMs: number | undefined
  readonly parts: PollParts
  /** It went over a connection that was used before, by the kit's own choice. */
  readonly isReused: boolean
}

/** A poll that was sent, and what came back so far. */
export interface Polled {
  readonly name: string
  readonly exchange: Exchange
  readonly poll: PollState
}

/** What is sent anew. */
export interface Sending {
  readonly technique: Technique
  readonly session: Scope
  readonly cursor: readonly (string | undefined)[]
  readonly parts: PollParts
  readonly on?: HttpConnection | undefined
  readonly isReused?: boolean
}

/** Sends a poll in the name of an actor. Throws `ConnectionFailed` or `TooManySockets`. */
export async function sendPoll(play: Play, name: string, sending: Sending): Promise<Polled> {
  const { technique, session, cursor, parts, on, isReused = false } = sending
  const described = play.target.address(technique, play.scope(session))
  const { address, holdMs } = withHold(play, parts.hold, technique, described)
  const request = buildRequest(sendCursor(address, partsOf(play, technique), cursor), parts)
  const exchange = await sendRequest(play, name, address, request, { on, chop: chopOf(parts.write) })
  const poll = { technique, cursor, session, holdMs, parts, isReused }
  play.add(name, { kind: 'request', exchange, poll })
  return { name, exchange, poll }
}

/** The address with the wanted time-out in it, where the target lets a client set one. */
function withHold(play: Play, hold: string | undefined, technique: Technique, address: Address) {
  const timeout = technique === 'long-polling' ? endingOf(play.target.description) : undefined
  const declared = timeout?.after === undefined ? undefined : milliseconds(timeout.after)
  if (hold === undefined || timeout?.set === undefined) return { address, holdMs: declared }
  const { unit, as = '${time}', ...send } = timeout.set
  const isDuration = /^[0-9.]+(ms|s|m)$/.test(hold)
  const wanted = isDuration ? play.bound(hold) : 0
  const holdMs = unit === 's' ? Math.ceil(wanted / 1000) * 1000 : Math.round(wanted)
  const time = isDuration ? String(unit === 's' ? holdMs / 1000 : holdMs) : hold
  const value = expand(as, { time })
  return { address: sendCursor(address, [{ from: { header: '' }, send }], [value]), holdMs }
}

/** The poll of that name. Throws `UnknownActor`. */
export function polled(play: Play, name: string): Polled {
  const actor = play.actor(name)
  if (actor.kind !== 'request' || actor.poll === undefined) throw new UnknownActor(`"${name}" is not a poll`)
  return { name, exchange: actor.exchange, poll: actor.poll }
}

/** The names of all polls that were sent under one name. Throws `UnknownActor`. */
export const pollers = (play: Play, name: string): string[] =>
  play.named(name).map((one) => polled(play, one).name)

export const endpointOf = (play: Play, technique: Technique) =>
  play.target.description[technique] ?? { path: '/' }
const partsOf = (play: Play, technique: Technique) => cursorParts(endpointOf(play, technique))

/** The cursor of a client that has none yet. */
export const firstCursor = (play: Play, technique: Technique, session: Scope) =>
  firstOf(partsOf(play, technique), play.target.scope(session))

/** The same text as every part of the cursor. */
export const madeUpCursor = (play: Play, technique: Technique, text: string) =>
  partsOf(play, technique).map(() => text)

/** What the answer says, part by part; what it does not say stays as it was. */
export function nextCursor(play: Play, { exchange, poll }: Polled): readonly (string | undefined)[] {
  return cursorIn(play, exchange, poll).map((value, part) => value ?? poll.cursor[part])
}

/** What the answer itself says of the cursor, part by part. */
export const cursorIn = (play: Play, exchange: Exchange, { technique }: PollState) =>
  readCursor(partsOf(play, technique), answerOf(exchange))

export const answerOf = ({ head, content }: Exchange): FullResponse => ({
  status: head?.status ?? 0,
  headers: head?.headers ?? noHeaders,
  body: Buffer.from(content).toString(),
})
const noHeaders = new HeaderList()

/** The updates of a complete answer. @throws NotAsDescribed if they cannot be found as the description says. */
export function updatesIn(play: Play, { exchange, poll }: Polled): string[] {
  const endpoint = endpointOf(play, poll.technique)
  const answer = answerOf(exchange)
  const ending = poll.technique === 'long-polling' ? endingOf(play.target.description) : undefined
  const empty = ending ?? ('empty' in endpoint ? endpoint.empty : undefined)
  if (ending?.repeats && saysTheSame(play, exchange, poll)) return []
  if (answer.status === 204 || answer.status === 304 || isEmpty(empty, answer, endpoint.update)) return []
  if (answer.status < 200 || answer.status > 299)
    throw new NotAsDescribed(`${answer.status} ${exchange.head?.reason ?? ''}`.trim())
  return updatesOf(endpoint.update, answer.body)
}

/** Whether the answer leaves the client where it was. */
const saysTheSame = (play: Play, exchange: Exchange, poll: PollState): boolean =>
  cursorIn(play, exchange, poll).every((value, part) => value === poll.cursor[part])

/** Asks again in the name of the same poller, from where its answer has left it. */
export async function pollAgain(play: Play, before: Polled, on?: HttpConnection): Promise<Polled> {
  const { technique, session, parts } = before.poll
  const cursor = nextCursor(play, before)
  return sendPoll(play, before.name, { technique, session, parts, cursor, on, isReused: on !== undefined })
}

/**
 * Waits for a poll's answer. Packets that the target wants answered are answered; an answer that holds nothing
 * else, or nothing but what other cases published on a channel that all share, is followed by another poll.
 */
export async function settled(
  play: Play,
  name: string,
  signal: AbortSignal,
  passOver: 'foreign' | 'calls too',
): Promise<Polled> {
  for (;;) {
    const current = polled(play, name)
    await current.exchange.completed(signal)
    if (current.exchange.completion?.kind !== 'complete') {
      if (!wasClosedMeanwhile(current)) return current
      await pollAgain(play, current)
      continue
    }
    const called = await replied(play, current)
    const updates = readable(play, current)
    const isForeign = updates.length > 0 && updates.every((update) => play.isForeign(update))
    const isCall = called && updates.length === 0 && passOver === 'calls too'
    if ((!isForeign && !isCall) || signal.aborted) return current
    play.note(name, isForeign ? 'only updates of other cases: asks again' : 'answered the target: asks again')
    await pollAgain(play, current, keptConnection(current))
  }
}

/** RFC 9112 section 9.3.1: a connection may end at any time between two requests, and the client asks again on another. */
export const wasClosedMeanwhile = ({ exchange, poll }: Polled): boolean =>
  poll.isReused && exchange.completion?.kind === 'broken' && exchange.firstByteAt === undefined

/** Its connection, if that can carry another request. */
export const keptConnection = ({ exchange }: Polled): HttpConnection | undefined =>
  exchange.connection.wire.ended === undefined &&
  exchange.completion?.kind === 'complete' &&
  exchange.completion.framing !== 'close' &&
  exchange.head?.version === 'HTTP/1.1' &&
  !exchange.head.headers.list('connection').some((option) => option.toLowerCase() === 'close')
    ? exchange.connection
    : undefined

/** The updates, without those of other cases; none where they cannot be read. */
function readable(play: Play, one: Polled): string[] {
  try {
    return updatesIn(play, one)
  } catch (error) {
    if (error instanceof NotAsDescribed) return []
    throw error
  }
}

const answeredCalls = new WeakSet<Exchange>()

/** Answers what the target asks in an answer, such as a ping; true if there was something to answer. */
export async function replied(play: Play, { name, exchange, poll }: Polled): Promise<boolean> {
  const endpoint = endpointOf(play, poll.technique)
  const calls = 'answers' in endpoint ? (endpoint.answers ?? []) : []
  const packets = packetsOf(answerOf(exchange).body, endpoint.update?.split)
  const wanted = calls.filter(({ when }) => packets.includes(when))
  if (wanted.length === 0 || answeredCalls.has(exchange)) return wanted.length > 0
  answeredCalls.add(exchange)
  for (const { when, request } of wanted) {
    const address = play.target.request(request, play.scope(poll.session))
    const done = play.watch(name)(address)
    const { status } = await sendOwnRequest(play.target, address, play.within()).catch((error: unknown) => {
      throw new HookFailed(`the answer to ${JSON.stringify(when)} was not taken: ${String(error)}`)
    })
    done(`answered ${JSON.stringify(when)}, which got ${status}`)
  }
  return true
}
