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
  cursorInResponse,
  firstCursor,
  nextCursor,
  type Poller,
  pollerOf,
  type PollToSend,
  sendPoll,
  uniformCursor,
} from './poller.ts'
import { completedPoll } from './poll.ts'
import { isOutcome, readResponse } from './poll-response.ts'
import { unableUnlessConnected } from '../language/request.ts'
import { ActorName, closed } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import type { Gets } from '../../targets/description/polling-schema.ts'

const Update = Type.Object({ data: TextExpectation }, closed)

const drainSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    after: Type.Optional(
      Type.String({ description: 'The poll to continue: its session, and the cursor from its response' }),
    ),
    updates: Type.Optional(
      Type.Array(Update, { description: 'All updates that must arrive, in this order' }),
    ),
    numbered: Type.Optional(
      Type.Object(
        { data: Type.String(), count: Type.Integer({ minimum: 1, maximum: 1000 }) },
        {
          ...closed,
          description:
            'This many updates must arrive: the text, a space and a number from 1 on, in this order',
        },
      ),
    ),
  },
  closed,
)
type DrainArgs = Static<typeof drainSchema>

/** The most polls that one reader sends. */
const maxPolls = 400

/**
 * Sends one poll, on the connection `on` if given. The target may have closed an idle connection: if it ends before the
 * first byte of the response, the poll is sent again on a new connection (RFC 9112 section 9.5).
 */
async function pollOnce(
  play: Play,
  name: string,
  toSend: PollToSend,
  on: HttpConnection | undefined,
): ReturnType<typeof readResponse> {
  const sent = await unableUnlessConnected(async () => void (await sendPoll(play, name, { ...toSend, on })))
  if (sent.kind !== 'met') return sent
  const { exchange } = pollerOf(play, name)
  await exchange.completed(play.bounds.within())
  if (on === undefined || exchange.firstByteAt !== undefined || on.wire.ended === undefined)
    return readResponse(play, name, play.bounds.within(), 'a response to a poll')
  return pollOnce(play, name, toSend, undefined)
}

/** Polls from cursor to cursor until a response has no updates, on one connection if the target keeps it open. */
async function drain(play: Play, name: string, before: Poller | undefined): Promise<string[] | Outcome> {
  const session = before?.poll.session ?? (await play.openSession('polling'))
  const updates: string[] = []
  let cursor = before ? nextCursor(play, before) : firstCursor(play, 'polling', session)
  let on = before?.exchange.connection
  for (let polls = 0; polls < maxPolls; polls += 1) {
    const toSend = { technique: 'polling', cursor, session, overrides: {} } as const
    const response = await pollOnce(play, name, toSend, on)
    if (isOutcome(response)) return response
    if (response.updates.length === 0) return updates
    updates.push(...response.updates)
    cursor = nextCursor(play, response.poller)
    on = response.poller.exchange.connection
  }
  return unmet('a response without updates at the end', `${updates.length} updates in ${maxPolls} polls`)
}

/** Whether all expected updates were received; with `onlyLast`, the last one and possibly some earlier ones, in order. */
function isComplete(
  wanted: readonly TextExpectation[],
  received: readonly string[],
  onlyLast: boolean,
): boolean {
  if (!onlyLast)
    return (
      received.length === wanted.length && wanted.every((one, index) => textMeets(one, received[index] ?? ''))
    )
  let at = 0
  for (const update of received) {
    while (at < wanted.length && !textMeets(wanted[at] ?? '', update)) at += 1
    if (at === wanted.length) return false
    at += 1
  }
  return at === wanted.length && (received.length > 0 || wanted.length === 0)
}

/** The updates that must arrive; undefined if any may. */
function wantedUpdates({ updates, numbered }: DrainArgs): readonly TextExpectation[] | undefined {
  if (numbered === undefined) return updates?.map(({ data }) => data)
  return Array.from({ length: numbered.count }, (_, at) => ({
    matches: `(^|[^\\d])${numbered.data} ${at + 1}($|\\D)`,
  }))
}

function numberedMismatch(
  { data, count }: NonNullable<DrainArgs['numbered']>,
  wanted: readonly TextExpectation[],
  received: readonly string[],
): Outcome {
  const at = wanted.findIndex((one, index) => !textMeets(one, received[index] ?? ''))
  const place = at === -1 ? count : at
  const found = received[place]
  return unmet(
    `the ${count} updates ${JSON.stringify(`${data} 1`)} to ${JSON.stringify(`${data} ${count}`)}, each once and in this order`,
    `${received.length} updates, with ${found === undefined ? 'none' : show(Buffer.from(found), 60)} in place ${place + 1}`,
  )
}

const drainVerb = verb({
  name: 'drain',
  about:
    'A reader polls from cursor to cursor until a response has no updates. With `updates`, these arrive, each once and in this order; if the target delivers only its last state, the last of them arrives.',
  expects: true,
  demandsEach: ['updates'],
  schema: drainSchema,
  run: async (args: DrainArgs, play) => {
    const before = args.after === undefined ? undefined : await completedPoll(play, args.after)
    if (before === null)
      return unable(`"${args.after}" got no complete response, so there is no cursor to continue from`)
    const received = await drain(play, args.as ?? 'reader', before)
    if (!Array.isArray(received)) return received
    const wanted = wantedUpdates(args)
    if (wanted === undefined) return met
    const onlyLast = play.target.description.polling?.delivers === 'last'
    if (isComplete(wanted, received, onlyLast)) return met
    if (args.numbered !== undefined) return numberedMismatch(args.numbered, wanted, received)
    return unmet(
      `${onlyLast ? 'the last of' : 'exactly'} these updates: ${wanted.map(describeText).join(', ') || 'none'}`,
      received.map((update) => show(Buffer.from(update), 60)).join(', ') || 'no updates',
    )
  },
  draw: ({ as = 'reader', updates = [] }) => [
    { actor: as, towards: 'target', text: 'polls until there is no update' },
    {
      actor: as,
      towards: 'kit',
      text: updates.map(({ data }) => describeText(data)).join(', ') || 'no update',
    },
  ],
})

const costVerb = verb({
  name: 'cost',
  about: 'Notes the size of the response to a poll, in bytes. Nothing is judged.',
  expects: false,
  schema: Type.Object({ request: Type.Optional(ActorName) }, closed),
  run: async ({ request = 'poller' }, play) => {
    const { exchange } = pollerOf(play, request)
    await exchange.completed(play.bounds.within())
    const head = exchange.head?.raw.length ?? 0
    play.notes.add(
      request,
      `the response has ${head} bytes of header section and ${exchange.content.length} bytes of content`,
    )
    return met
  },
  draw: ({ request = 'poller' }) => [
    { actor: request, towards: 'none', text: 'counts the bytes of the response' },
  ],
})

const situations = ['malformed', 'future', 'unknown'] as const

const asDeclaredVerb = verb({
  name: 'as-declared',
  about:
    'The response to a poll with a malformed or future cursor, or on an unknown channel, is as declared in `polling.odd`.',
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
    if (declared === undefined) return unable(`the target description has no polling.odd.${of}`)
    const { exchange } = pollerOf(play, request)
    if (!(await exchange.completed(play.bounds.within())))
      return unmet(describeGets(declared.gets), 'no response in time', { late: true })
    const { head, completion } = exchange
    if (head === undefined || completion?.kind !== 'complete')
      return unmet(describeGets(declared.gets), describeResponse(head, completion))
    if (declared.gets !== 'empty' && declared.gets !== 'all')
      return statusMeets(declared.gets, head.status)
        ? met
        : unmet(describeGets(declared.gets), describeResponse(head, completion))
    const response = await readResponse(play, request, play.bounds.within(), describeGets(declared.gets))
    if (isOutcome(response)) return response
    return (response.updates.length === 0) === (declared.gets === 'empty')
      ? met
      : unmet(
          describeGets(declared.gets),
          `${describeResponse(head, completion)} with ${response.updates.length} updates`,
        )
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'the declared response' }],
})

const describeGets = (gets: Gets): string => {
  if (gets === 'empty') return 'a response without updates, as declared'
  return gets === 'all'
    ? 'all updates from the oldest on, as declared'
    : `${describeStatus(gets)}, as declared`
}

const oddPollVerb = verb({
  name: 'odd-poll',
  about: 'Polls with a malformed or future cursor: the one in `polling.odd` of the target description.',
  expects: false,
  schema: Type.Object(
    { as: Type.Optional(ActorName), cursor: Type.Union([Type.Literal('malformed'), Type.Literal('future')]) },
    closed,
  ),
  run: async ({ as = 'poller', cursor }, play) => {
    const send = play.target.description.polling?.odd?.[cursor]?.send
    if (send === undefined) return unable(`the target description has no polling.odd.${cursor}`)
    const session = await play.openSession('polling')
    const values = [send].flat()
    const sent = uniformCursor(play, 'polling', '').map((_part, index) => values[index])
    const toSend = { technique: 'polling', cursor: sent, session, overrides: {} } as const
    return unableUnlessConnected(async () => void (await sendPoll(play, as, toSend)))
  },
  draw: ({ as = 'poller', cursor }) => [
    { actor: as, towards: 'target', text: `poll, with a ${cursor} cursor` },
  ],
})

const startsVerb = verb({
  name: 'starts',
  about:
    'A poll without a cursor starts where the target description says: at the oldest update, or with the next one.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), with: Update }, closed),
  run: async ({ request = 'poller', with: update }, play) => {
    const initial = play.target.description.polling?.initial ?? 'newest'
    const expected =
      initial === 'oldest'
        ? `a response that starts with ${describeText(update.data)}`
        : 'a response without updates'
    const response = await readResponse(play, request, play.bounds.within(), expected)
    if (isOutcome(response)) return response
    const [first] = response.updates
    const isMet =
      initial === 'oldest' ? first !== undefined && textMeets(update.data, first) : first === undefined
    return isMet ? met : unmet(expected, first === undefined ? 'no update' : show(Buffer.from(first), 100))
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'starts where declared' }],
})

const advancesVerb = verb({
  name: 'advances',
  about: 'A response with updates has a cursor that differs from the one in the poll.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName) }, closed),
  run: async ({ request = 'poller' }, play) => {
    const { exchange, poll } = pollerOf(play, request)
    if (!(await exchange.completed(play.bounds.within())))
      return unmet('a response', 'no response in time', { late: true })
    const received = cursorInResponse(play, exchange, poll)
    if (received.every((value) => value === undefined))
      return unmet('a cursor in the response', describeResponse(exchange.head, exchange.completion))
    return received.some((value, part) => value !== undefined && value !== poll.cursor[part])
      ? met
      : unmet('a cursor that differs from the one in the poll', received.join(', '))
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'a new cursor' }],
})

export const shortPollingVerbs = [drainVerb, costVerb, asDeclaredVerb, oddPollVerb, startsVerb, advancesVerb]
