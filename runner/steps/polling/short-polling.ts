import { type Static, Type } from '@sinclair/typebox'
import type { HttpConnection } from '../../wire/exchange.ts'
import { show } from '../../wire/bytes/bytes.ts'
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
  type Sending,
  sendPoll,
} from './poller.ts'
import { answered, isOutcome, readAnswer } from './poll.ts'
import { unableUnlessConnected } from '../language/request.ts'
import { ActorName, closed } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import type { Gets } from '../../targets/description/polling-schema.ts'

const Update = Type.Object({ data: TextExpectation }, closed)

const drainSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    after: Type.Optional(Type.String({ description: 'The poll whose cursor and session are handed over' })),
    updates: Type.Optional(Type.Array(Update, { description: 'All that is to come, in this order' })),
  },
  closed,
)
type DrainArgs = Static<typeof drainSchema>

/** No reader polls more often than this. */
const mostPolls = 400

/**
 * One poll on a connection that was used before. Either side may close an idle connection at any time, so where
 * that has happened before a byte of the answer came, the poll is sent once more on a new one (RFC 9112 section 9.5).
 */
async function pollOnce(
  play: Play,
  name: string,
  state: Sending,
  on: HttpConnection | undefined,
): ReturnType<typeof readAnswer> {
  const sent = await unableUnlessConnected(async () => void (await sendPoll(play, name, { ...state, on })))
  if (sent.kind !== 'met') return sent
  const { exchange } = pollerOf(play, name)
  await exchange.completed(play.bounds.within())
  if (on === undefined || exchange.firstByteAt !== undefined || on.wire.ended === undefined)
    return readAnswer(play, name, play.bounds.within(), 'an answer to a poll')
  return pollOnce(play, name, state, undefined)
}

/** Polls from cursor to cursor until an answer is empty, on one connection where the target lets it. */
async function drain(play: Play, name: string, before: Poller | undefined): Promise<string[] | Outcome> {
  const session = before?.poll.session ?? (await play.openSession('polling'))
  const updates: string[] = []
  let cursor = before ? nextCursor(play, before) : firstCursor(play, 'polling', session)
  let on = before?.exchange.connection
  for (let polls = 0; polls < mostPolls; polls += 1) {
    const state = { technique: 'polling', cursor, session, parts: {} } as const
    const answer = await pollOnce(play, name, state, on)
    if (isOutcome(answer)) return answer
    if (answer.updates.length === 0) return updates
    updates.push(...answer.updates)
    cursor = nextCursor(play, answer.polled)
    on = answer.polled.exchange.connection
  }
  return unmet('an empty answer in the end', `${updates.length} updates in ${mostPolls} polls`)
}

/** Of a state document only the last state is certain to be seen, and those before it in their order. */
function isWhole(wanted: readonly TextExpectation[], got: readonly string[], lastOnly: boolean): boolean {
  if (!lastOnly)
    return got.length === wanted.length && wanted.every((one, index) => textMeets(one, got[index] ?? ''))
  let at = 0
  for (const update of got) {
    while (at < wanted.length && !textMeets(wanted[at] ?? '', update)) at += 1
    if (at === wanted.length) return false
    at += 1
  }
  return at === wanted.length && (got.length > 0 || wanted.length === 0)
}

const drainVerb = verb({
  name: 'drain',
  about:
    'A reader polls, always from where the last answer ended, until an answer is empty. With `updates`: these came, each once and in this order; of a state document the last one did.',
  expects: true,
  schema: drainSchema,
  run: async (args: DrainArgs, play) => {
    const before = args.after === undefined ? undefined : await answered(play, args.after)
    if (before === null) return unable(`"${args.after}" was not answered, so there is no cursor to hand over`)
    const got = await drain(play, args.as ?? 'reader', before)
    if (!Array.isArray(got)) return got
    if (args.updates === undefined) return met
    const wanted = args.updates.map(({ data }) => data)
    const lastOnly = play.target.description.polling?.delivers === 'last'
    if (isWhole(wanted, got, lastOnly)) return met
    return unmet(
      `${lastOnly ? 'the last of' : 'just'} these updates: ${wanted.map(describeText).join(', ') || 'none'}`,
      got.map((update) => show(Buffer.from(update), 60)).join(', ') || 'none',
    )
  },
  draw: ({ as = 'reader', updates = [] }) => [
    { actor: as, towards: 'target', text: 'polls until nothing is new' },
    {
      actor: as,
      towards: 'kit',
      text: updates.map(({ data }) => describeText(data)).join(', ') || 'nothing new',
    },
  ],
})

const costVerb = verb({
  name: 'cost',
  about: 'Notes how many bytes a poll and its answer took. Nothing is judged by it.',
  expects: false,
  schema: Type.Object({ request: Type.Optional(ActorName) }, closed),
  run: async ({ request = 'poller' }, play) => {
    const { exchange } = pollerOf(play, request)
    await exchange.completed(play.bounds.within())
    const head = exchange.head?.raw.length ?? 0
    play.notes.add(
      request,
      `this answer took ${head} bytes of header section and ${exchange.content.length} bytes of content`,
    )
    return met
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'none', text: 'counts the bytes' }],
})

const situations = ['malformed', 'future', 'unknown'] as const

const declaredVerb = verb({
  name: 'as-declared',
  about: 'The answer to a poll with an odd cursor, or on a channel that nobody knows, is the declared one.',
  expects: true,
  schema: Type.Object(
    {
      request: Type.Optional(ActorName),
      of: Type.Union(situations.map((name) => Type.Literal(name))),
    },
    closed,
  ),
  run: async ({ request = 'poller', of }, play) => {
    const declared = play.target.description.polling?.odd?.[of]
    if (declared === undefined) return unable(`the target description does not say polling.odd.${of}`)
    const { exchange } = pollerOf(play, request)
    if (!(await exchange.completed(play.bounds.within())))
      return unmet(describeGets(declared.gets), 'no answer in time', { late: true })
    const { head, completion } = exchange
    if (head === undefined || completion?.kind !== 'complete')
      return unmet(describeGets(declared.gets), describeResponse(head, completion))
    if (declared.gets !== 'empty' && declared.gets !== 'all')
      return statusMeets(declared.gets, head.status)
        ? met
        : unmet(describeGets(declared.gets), describeResponse(head, completion))
    const answer = await readAnswer(play, request, play.bounds.within(), describeGets(declared.gets))
    if (isOutcome(answer)) return answer
    return (answer.updates.length === 0) === (declared.gets === 'empty')
      ? met
      : unmet(
          describeGets(declared.gets),
          `${describeResponse(head, completion)} with ${answer.updates.length} updates`,
        )
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'the declared answer' }],
})

const describeGets = (gets: Gets): string => {
  if (gets === 'empty') return 'an empty answer, as declared'
  return gets === 'all'
    ? 'everything from the oldest on, as declared'
    : `${describeStatus(gets)}, as declared`
}

const oddVerb = verb({
  name: 'odd-poll',
  about: 'Polls with a cursor that the target never gave: the one that the target description names.',
  expects: false,
  schema: Type.Object(
    { as: Type.Optional(ActorName), cursor: Type.Union([Type.Literal('malformed'), Type.Literal('future')]) },
    closed,
  ),
  run: async ({ as = 'poller', cursor }, play) => {
    const sends = play.target.description.polling?.odd?.[cursor]?.send
    if (sends === undefined) return unable(`the target description does not say polling.odd.${cursor}`)
    const session = await play.openSession('polling')
    const values = [sends].flat()
    const sent = madeUpCursor(play, 'polling', '').map((_part, index) => values[index])
    const state = { technique: 'polling', cursor: sent, session, parts: {} } as const
    return unableUnlessConnected(async () => void (await sendPoll(play, as, state)))
  },
  draw: ({ as = 'poller', cursor }) => [
    { actor: as, towards: 'target', text: `poll, with a ${cursor} cursor` },
  ],
})

const startsVerb = verb({
  name: 'starts',
  about:
    'A poll without a cursor begins where the target description says: at the oldest update, or with the next.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), with: Update }, closed),
  run: async ({ request = 'poller', with: update }, play) => {
    const initial = play.target.description.polling?.initial ?? 'newest'
    const wanted =
      initial === 'oldest' ? `an answer that begins with ${describeText(update.data)}` : 'an empty answer'
    const answer = await readAnswer(play, request, play.bounds.within(), wanted)
    if (isOutcome(answer)) return answer
    const [first] = answer.updates
    const isRight =
      initial === 'oldest' ? first !== undefined && textMeets(update.data, first) : first === undefined
    return isRight ? met : unmet(wanted, first === undefined ? 'no update' : show(Buffer.from(first), 100))
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'begins where declared' }],
})

const cursorVerb = verb({
  name: 'advances',
  about: 'An answer with updates gives a cursor, and another one than was sent.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName) }, closed),
  run: async ({ request = 'poller' }, play) => {
    const { exchange, poll } = pollerOf(play, request)
    if (!(await exchange.completed(play.bounds.within())))
      return unmet('an answer', 'none in time', { late: true })
    const read = cursorIn(play, exchange, poll)
    if (read.every((value) => value === undefined))
      return unmet('a cursor in the answer', describeResponse(exchange.head, exchange.completion))
    return read.some((value, part) => value !== undefined && value !== poll.cursor[part])
      ? met
      : unmet('another cursor than the one that was sent', read.join(', '))
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'another cursor' }],
})

export const readingVerbs = [drainVerb, costVerb, declaredVerb, oddVerb, startsVerb, cursorVerb]
