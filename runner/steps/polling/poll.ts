import { type Static, Type } from '@sinclair/typebox'
import { NotAsDescribed } from '../../targets/errors/not-as-described.ts'
import type { Scope } from '../../targets/description/template.ts'
import { show } from '../../wire/bytes/bytes.ts'
import type { Exchange } from '../../wire/exchange.ts'
import {
  describeResponse,
  describeStatus,
  describeText,
  statusMeets,
  TextExpectation,
  textMeets,
} from '../language/expectations.ts'
import type { Play } from '../stage/play.ts'
import {
  cursorIn,
  firstCursor,
  madeUpCursor,
  nextCursor,
  type Poller,
  pollerOf,
  pollerNames,
  sendPoll,
  settled,
  type Technique,
  updatesIn,
} from './poller.ts'
import { requestOverrides, unableUnlessConnected } from '../language/request.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const pollSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    over: Type.Optional(Type.Union([Type.Literal('polling'), Type.Literal('long-polling')])),
    after: Type.Optional(Type.String({ description: 'The poll whose cursor and session are handed over' })),
    again: Type.Optional(
      Type.String({ description: 'The poll that is repeated: same session, and the cursor that it sent' }),
    ),
    keep: Type.Optional(
      Type.Boolean({ description: 'Use the connection of that poll again, even if it is not answered yet' }),
    ),
    cursor: Type.Optional(
      Type.Union([
        Type.String({ description: 'Send this instead of the cursor' }),
        Type.Object(
          { unusable: Type.Union([Type.Literal('malformed'), Type.Literal('future')]) },
          { ...closed, description: 'Send the cursor that the target description names as unusable' },
        ),
      ]),
    ),
    hold: Type.Optional(
      Type.String({ description: 'The time-out to ask for, where a client can set it: 300ms, or any text' }),
    ),
    times: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 250,
        description: 'So many pollerNames, each with a connection of its own: "waiter 1", "waiter 2", …',
      }),
    ),
    ...requestOverrides,
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
    const repeated = args.again === undefined ? undefined : pollerOf(play, args.again)
    return unableUnlessConnected(async () => {
      const { as = 'poller', times } = args
      const names = times === undefined ? [as] : Array.from({ length: times }, (_, at) => `${as} ${at + 1}`)
      await Promise.all(names.map((name) => send(play, args, technique, name, before ?? repeated)))
    })
  },
  draw: ({ as = 'poller', after, again, times }) => [
    {
      actor: as,
      towards: 'target',
      text: `poll${after === undefined ? '' : `, from the cursor of ${after}`}${again === undefined ? '' : `, as ${again} did`}${times === undefined ? '' : `, ${times} times`}`,
    },
  ],
})

async function send(
  play: Play,
  args: PollArgs,
  technique: Technique,
  name: string,
  before: Poller | undefined,
): Promise<void> {
  const session = before?.poll.session ?? (await play.openSession(technique))
  await sendPoll(play, name, {
    technique,
    session,
    cursor: cursorOf(play, args, technique, before, session),
    parts: args,
    on: args.keep ? before?.exchange.connection : undefined,
  })
}

function cursorOf(
  play: Play,
  args: PollArgs,
  technique: Technique,
  before: Poller | undefined,
  session: Scope,
) {
  if (typeof args.cursor === 'string') return madeUpCursor(play, technique, args.cursor)
  if (args.cursor !== undefined) {
    const unusable = play.target.description['long-polling']?.unusable?.[args.cursor.unusable]
    return madeUpCursor(play, technique, unusable?.send ?? '')
  }
  if (before === undefined) return firstCursor(play, technique, session)
  return args.again === undefined ? nextCursor(play, before) : before.poll.cursor
}

/** The poll once it has been answered in full; null when it has not been in time. */
export async function answered(play: Play, name: string): Promise<Poller | null> {
  const before = pollerOf(play, name)
  await before.exchange.completed(play.bounds.within())
  return before.exchange.completion?.kind === 'complete' ? before : null
}

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
type AnswerArgs = Static<typeof answerSchema>

const wantedUpdates = ({ update, updates }: AnswerArgs) => updates ?? (update === undefined ? [] : [update])

/** The answer of a poll, complete and readable as the target description says, or why not. */
export async function readAnswer(
  play: Play,
  name: string,
  signal: AbortSignal,
  wanted: string,
  passOver: 'foreign' | 'calls too' = 'calls too',
): Promise<{ updates: string[]; polled: Poller } | Outcome> {
  const poller = await settled(play, name, signal, passOver)
  const { exchange } = poller
  if (exchange.completion === undefined) {
    const observed =
      exchange.head === undefined ? 'no answer in time' : `${exchange.head.status} without an end in time`
    return unmet(wanted, observed, { late: true })
  }
  if (exchange.completion.kind !== 'complete')
    return unmet(wanted, describeResponse(exchange.head, exchange.completion))
  try {
    return {
      updates: updatesIn(play, poller).filter((update) => !play.publications.isForeign(update)),
      polled: poller,
    }
  } catch (error) {
    if (error instanceof NotAsDescribed) return unmet(wanted, error.message)
    throw error
  }
}

export const isOutcome = (value: object): value is Outcome => 'kind' in value

const answeredVerb = (name: 'released' | 'answered', about: string) =>
  verb({
    name,
    about,
    expects: true,
    schema: answerSchema,
    run: async (args, play) => {
      const signal = play.bounds.within(args.within)
      const outcomes = await Promise.all(
        pollerNames(play, args.request ?? 'poller').map((one) => judgeAnswer(args, play, one, signal)),
      )
      return outcomes.find(({ kind }) => kind !== 'met') ?? met
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

async function judgeAnswer(
  args: AnswerArgs,
  play: Play,
  name: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const wanted = wantedUpdates(args)
  const words =
    wanted.length === 0
      ? 'an answer with an update'
      : `an answer with ${wanted.map(({ data }) => describeText(data)).join(', ')}`
  const answer = await readAnswer(play, name, signal, words)
  if (isOutcome(answer)) return answer
  const { updates } = answer
  const answeredAt = answer.polled.exchange.completion?.at ?? 0
  if (updates.length === 0 && wanted.length > 0 && answeredAt < (play.publications.lastAt ?? 0))
    return unable('the hold was over before the update was published')
  const right =
    wanted.length === 0
      ? updates.length > 0
      : updates.length === wanted.length &&
        wanted.every(({ data }, index) => textMeets(data, updates[index] ?? ''))
  return right ? met : unmet(words, describeUpdates(updates, answer.polled.exchange))
}

export const describeUpdates = (updates: readonly string[], exchange: Exchange): string =>
  updates.length === 0
    ? `${describeResponse(exchange.head, exchange.completion)} without an update`
    : `${describeResponse(exchange.head, exchange.completion)} with ${updates.map((update) => show(Buffer.from(update), 100)).join(', ')}`

const emptyVerb = verb({
  name: 'empty',
  about: 'The poll is answered at once, and the answer holds no update; its shape is the declared one.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async (args, play) => {
    const answer = await readAnswer(
      play,
      args.request ?? 'poller',
      play.bounds.within(args.within),
      'an empty answer',
    )
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

/** What of an answer without updates is not as declared. */
export function shapeMismatch(
  declared: Shape | undefined,
  exchange: Exchange,
  what: string,
): Outcome | undefined {
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

const cursorVerb = verb({
  name: 'cursor',
  about:
    'The answer to a poll says from where to go on; with `beyond`, that place comes after the one of an earlier answer.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), beyond: Type.Optional(ActorName) }, closed),
  run: async ({ request = 'poller', beyond }, play) => {
    const answer = await answered(play, request)
    if (answer === null) return unmet('a complete answer with a cursor', 'no complete answer', { late: true })
    const there = cursorIn(play, answer.exchange, answer.poll)
    if (there.some((part) => part === undefined || part === ''))
      return unmet('an answer that carries the next cursor', 'an answer without it')
    if (beyond === undefined) return met
    const before = nextCursor(play, pollerOf(play, beyond))
    return isBeyond(there[0] ?? '', before[0] ?? '')
      ? met
      : unmet(`a cursor beyond ${JSON.stringify(before[0])}`, JSON.stringify(there[0]))
  },
  draw: ({ request = 'poller', beyond }) => [
    {
      actor: request,
      towards: 'kit',
      text: `cursor${beyond === undefined ? '' : ` beyond that of ${beyond}`}`,
    },
  ],
})

/** Numbers by their value, anything else in the order of its bytes. */
const isBeyond = (cursor: string, before: string): boolean =>
  /^\d+$/.test(cursor) && /^\d+$/.test(before)
    ? BigInt(cursor) > BigInt(before)
    : Buffer.compare(Buffer.from(cursor), Buffer.from(before)) > 0

export const pollingVerbs = [
  pollVerb,
  answeredVerb('released', 'The held request is answered, completely, with just these updates.'),
  answeredVerb('answered', 'The poll is answered, completely, with just these updates.'),
  emptyVerb,
  cursorVerb,
]
