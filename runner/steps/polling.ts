import { type Static, Type } from '@sinclair/typebox'
import { milliseconds } from '../spec/duration.ts'
import { cursorParts, isEmpty, NotAsDescribed, readCursor, sendCursor, updatesOf } from '../target/cursor.ts'
import { openSession } from '../target/session.ts'
import type { Address, Scope } from '../target/target.ts'
import { show } from '../wire/bytes.ts'
import { HeaderList } from '../wire/headers.ts'
import type { Exchange, HttpConnection } from '../wire/http-connection.ts'
import {
  describeResponse,
  describeStatus,
  describeText,
  statusMeets,
  TextExpectation,
  textMeets,
} from './expect.ts'
import { type Play, UnknownActor } from './play.ts'
import { buildRequest, chopOf, opening, requestParts, sendRequest } from './request.ts'
import { ActorName, closed, DurationText, met, type Outcome, unable, unmet, verb } from './verb.ts'

type Technique = 'polling' | 'long-polling'

/** What a poll hands over to the next one of the same client. */
export interface PollState {
  readonly technique: Technique
  /** The cursor that was sent, part by part. */
  readonly cursor: readonly (string | undefined)[]
  readonly session: Scope
  /** Milliseconds after which a hold is to time out, or undefined where that is not known. */
  readonly holdMs: number | undefined
}

const pollSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    over: Type.Optional(Type.Union([Type.Literal('polling'), Type.Literal('long-polling')])),
    after: Type.Optional(Type.String({ description: 'The poll whose cursor and session are handed over' })),
    keep: Type.Optional(Type.Boolean({ description: 'Use the connection of that poll again' })),
    cursor: Type.Optional(Type.String({ description: 'Send this instead of the cursor' })),
    hold: Type.Optional(DurationText),
    ...requestParts,
  },
  closed,
)
type PollArgs = Static<typeof pollSchema>

const pollVerb = verb({
  name: 'poll',
  about:
    'Asks for what is new; does not wait for the answer. `after` hands the cursor of an answered poll over.',
  expects: false,
  schema: pollSchema,
  run: async (args, play) => {
    const technique = args.over ?? (play.case.protocol === 'polling' ? 'polling' : 'long-polling')
    const before = args.after === undefined ? undefined : await answered(play, args.after)
    if (before === null) return unable(`"${args.after}" was not answered, so there is no cursor to hand over`)
    return opening(async () => {
      const name = args.as ?? 'poller'
      const session =
        before?.poll.session ?? (await openSession(play.target, technique, play.scope(), play.within('10s')))
      const cursor =
        args.cursor === undefined
          ? before
            ? nextCursor(play, before)
            : firstCursor(play, technique)
          : [args.cursor]
      const { address, holdMs } = held(
        play,
        args,
        technique,
        play.target.address(technique, play.scope(session)),
      )
      const request = buildRequest(sendCursor(address, partsOf(play, technique), cursor), args)
      const on = args.keep ? before?.exchange.connection : undefined
      const exchange = await sendRequest(play, name, address, request, { on, chop: chopOf(args.write) })
      play.add(name, { kind: 'request', exchange, poll: { technique, cursor, session, holdMs } })
    })
  },
  draw: ({ as = 'poller', after }) => [
    {
      actor: as,
      towards: 'target',
      text: after === undefined ? 'poll' : `poll, from the cursor of ${after}`,
    },
  ],
})

/** Sends one poll from a cursor, on a connection of its own or on the given one. Throws what `opening` catches. */
export async function sendPoll(
  play: Play,
  name: string,
  poll: PollState,
  on: HttpConnection | undefined,
): Promise<void> {
  const address = play.target.address(poll.technique, play.scope(poll.session))
  const request = buildRequest(sendCursor(address, partsOf(play, poll.technique), poll.cursor), {})
  const exchange = await sendRequest(play, name, address, request, { on })
  play.add(name, { kind: 'request', exchange, poll })
}

export interface Polled {
  readonly exchange: Exchange
  readonly poll: PollState
}

export function polled(play: Play, name: string): Polled {
  const actor = play.actor(name)
  if (actor.kind !== 'request' || actor.poll === undefined) throw new UnknownActor(`"${name}" is not a poll`)
  return { exchange: actor.exchange, poll: actor.poll }
}

/** The poll once it has been answered in full; null when it has not been in time. */
export async function answered(play: Play, name: string): Promise<Polled | null> {
  const before = polled(play, name)
  await before.exchange.completed(play.within())
  return before.exchange.completion?.kind === 'complete' ? before : null
}

const endpointOf = (play: Play, technique: Technique) => play.target.description[technique] ?? { path: '/' }
export const partsOf = (play: Play, technique: Technique) => cursorParts(endpointOf(play, technique))
export const firstCursor = (play: Play, technique: Technique) =>
  partsOf(play, technique).map(({ first }) => first)

/** What the answer says, part by part; what it does not say stays as it was. */
export function nextCursor(play: Play, { exchange, poll }: Polled): readonly (string | undefined)[] {
  const read = readCursor(partsOf(play, poll.technique), answerOf(exchange))
  return read.map((value, part) => value ?? poll.cursor[part])
}

export const answerOf = ({ head, content }: Exchange) => ({
  status: head?.status ?? 0,
  headers: head?.headers ?? noHeaders,
  body: Buffer.from(content).toString(),
})
const noHeaders = new HeaderList()

/** The address with the wanted time-out in it, where the target lets a client set one. */
function held(
  play: Play,
  args: PollArgs,
  technique: Technique,
  address: Address,
): { address: Address; holdMs: number | undefined } {
  const timeout = technique === 'long-polling' ? play.target.description['long-polling']?.timeout : undefined
  const declared = timeout?.after === undefined ? undefined : milliseconds(timeout.after)
  if (args.hold === undefined || timeout?.set === undefined) return { address, holdMs: declared }
  const { unit, ...send } = timeout.set
  const holdMs = play.bound(args.hold)
  const value = String(unit === 's' ? Math.ceil(holdMs / 1000) : Math.round(holdMs))
  return {
    address: sendCursor(address, [{ from: { header: '' }, send }], [value]),
    holdMs: unit === 's' ? Math.ceil(holdMs / 1000) * 1000 : holdMs,
  }
}

const heldVerb = verb({
  name: 'held',
  about: 'Nothing at all arrives for a request in the given time.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), for: DurationText }, closed),
  run: async (args, play) => {
    const { exchange, poll } = polled(play, args.request ?? 'poller')
    const early =
      play.target.description['long-polling']?.earlyHeaders === true && poll.technique === 'long-polling'
    const arrived = (): boolean =>
      exchange.completion !== undefined ||
      (early ? exchange.content.length > 0 : exchange.firstByteAt !== undefined)
    await exchange.until(arrived, play.within(args.for))
    if (!arrived()) return met
    const at = Math.round((exchange.firstByteAt ?? exchange.completion?.at ?? 0) - exchange.sentAt)
    const observed = `${describeResponse(exchange.head, exchange.completion)} after ${at} ms`
    return unmet(`no answer while nothing is new (watched for ${args.for})`, observed)
  },
  draw: ({ request = 'poller', for: time }) => [
    { actor: request, towards: 'none', text: `held for at least ${time}` },
  ],
})

const Update = Type.Object({ data: TextExpectation }, closed)
const answerSchema = Type.Object(
  {
    request: Type.Optional(ActorName),
    within: Type.Optional(DurationText),
    update: Type.Optional(Update),
    updates: Type.Optional(Type.Array(Update)),
  },
  closed,
)
export type AnswerArgs = Static<typeof answerSchema>

const wantedUpdates = ({ update, updates }: AnswerArgs) => updates ?? (update === undefined ? [] : [update])

/** The answer of a poll, complete and readable as the target description says, or why not. */
export async function readAnswer(
  play: Play,
  args: AnswerArgs,
  wanted: string,
): Promise<{ updates: string[]; polled: Polled } | Outcome> {
  const poller = polled(play, args.request ?? 'poller')
  const { exchange, poll } = poller
  if (!(await exchange.completed(play.within(args.within)))) {
    const observed =
      exchange.head === undefined ? 'no answer in time' : `${exchange.head.status} without an end in time`
    return unmet(wanted, observed, { late: true })
  }
  if (exchange.completion?.kind !== 'complete')
    return unmet(wanted, describeResponse(exchange.head, exchange.completion))
  try {
    return { updates: readUpdates(play, poll, exchange), polled: poller }
  } catch (error) {
    if (error instanceof NotAsDescribed) return unmet(wanted, error.message)
    throw error
  }
}

function readUpdates(play: Play, poll: PollState, exchange: Exchange): string[] {
  const endpoint = endpointOf(play, poll.technique)
  const answer = answerOf(exchange)
  const empty = 'timeout' in endpoint ? endpoint.timeout : 'empty' in endpoint ? endpoint.empty : undefined
  if (answer.status === 204 || answer.status === 304 || isEmpty(empty, answer, endpoint.update)) return []
  if (answer.status < 200 || answer.status > 299)
    throw new NotAsDescribed(describeResponse(exchange.head, exchange.completion))
  return updatesOf(endpoint.update, answer.body)
}

const isOutcome = (value: object): value is Outcome => 'kind' in value

const answeredVerb = (name: 'released' | 'answered', about: string) =>
  verb({
    name,
    about,
    expects: true,
    schema: answerSchema,
    run: async (args, play) => {
      const wanted = wantedUpdates(args)
      const words =
        wanted.length === 0
          ? 'an answer with an update'
          : `an answer with ${wanted.map(({ data }) => describeText(data)).join(', ')}`
      const answer = await readAnswer(play, args, words)
      if (isOutcome(answer)) return answer
      const { updates } = answer
      const right =
        wanted.length === 0
          ? updates.length > 0
          : updates.length === wanted.length &&
            wanted.every(({ data }, index) => textMeets(data, updates[index] ?? ''))
      return right ? met : unmet(words, describeUpdates(updates, answer.polled.exchange))
    },
    draw: (args) => [
      {
        actor: args.request ?? 'poller',
        towards: 'kit',
        text:
          wantedUpdates(args)
            .map(({ data }) => describeText(data))
            .join(', ') || 'update',
      },
    ],
  })

/** What the answer was; where no update is found in its content, the content shows why. */
function describeUpdates(updates: readonly string[], { head, completion, content }: Exchange): string {
  const status = describeResponse(head, completion)
  if (updates.length > 0)
    return `${status} with ${updates.map((update) => show(Buffer.from(update), 100)).join(', ')}`
  return content.length === 0
    ? `${status} without an update`
    : `${status} without an update in ${show(content, 200)}`
}

const emptyVerb = verb({
  name: 'empty',
  about: 'The poll is answered at once, and the answer holds no update; its shape is the declared one.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async (args, play) => {
    const answer = await readAnswer(play, args, 'an empty answer')
    if (isOutcome(answer)) return answer
    const { exchange } = answer.polled
    if (answer.updates.length > 0) return unmet('an empty answer', describeUpdates(answer.updates, exchange))
    const declared = play.target.description.polling?.empty
    return shapeMismatch(declared, exchange, 'an empty answer') ?? met
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'empty answer' }],
})

interface Shape {
  readonly status?: number | number[]
  readonly body?: string
}

function shapeMismatch(declared: Shape | undefined, exchange: Exchange, what: string): Outcome | undefined {
  const { head, completion } = exchange
  if (head === undefined) return unmet(what, describeResponse(head, completion))
  if (declared?.status !== undefined && !statusMeets(declared.status, head.status))
    return unmet(
      `${what} with ${describeStatus(declared.status)}, as declared`,
      describeResponse(head, completion),
    )
  const body = Buffer.from(exchange.content).toString()
  if (declared?.body !== undefined && body !== declared.body)
    return unmet(
      `${what} with the declared body ${JSON.stringify(declared.body)}`,
      show(exchange.content, 200),
    )
  return undefined
}

const timedOutVerb = verb({
  name: 'timed-out',
  about: 'The hold ends without an update: status, body and time are as the target description says.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async (args, play) => {
    const { exchange, poll } = polled(play, args.request ?? 'poller')
    const timeout = play.target.description['long-polling']?.timeout
    const jitter = timeout?.jitter === undefined ? 0 : milliseconds(timeout.jitter)
    const hold = poll.holdMs ?? 0
    const signal = play.after(hold + jitter + play.bound(args.within))
    if (!(await exchange.completed(signal)))
      return unmet(`the hold to time out after ${hold} ms`, 'no complete answer', { late: true })
    if (exchange.completion?.kind !== 'complete')
      return unmet('a complete answer at the time-out', describeResponse(exchange.head, exchange.completion))
    const lasted = (exchange.firstByteAt ?? exchange.completion.at) - exchange.sentAt
    const early = play.target.description['long-polling']?.earlyHeaders === true
    if (!early && lasted < hold - timerGrainMs)
      return unmet(
        `the request to be held for ${hold} ms`,
        `${describeResponse(exchange.head, exchange.completion)} after ${Math.round(lasted)} ms`,
      )
    return shapeMismatch(timeout, exchange, 'a time-out answer') ?? met
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'time-out answer' }],
})

/** Timers of servers may fire a few milliseconds early. */
const timerGrainMs = 20

export const pollingVerbs = [
  pollVerb,
  heldVerb,
  answeredVerb('released', 'The held request is answered, completely, with just these updates.'),
  answeredVerb('answered', 'The poll is answered, completely, with just these updates.'),
  emptyVerb,
  timedOutVerb,
]
