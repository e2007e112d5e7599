import { type Static, Type } from '@sinclair/typebox'
import { NotAsDescribed } from '../../targets/errors/not-as-described.ts'
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
  awaitResponse,
  cursorInResponse,
  nextCursor,
  type Poller,
  pollerNames,
  pollerOf,
  type SkippedResponses,
  updatesIn,
} from './poller.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { completedPoll } from './poll.ts'
import { possibleTimeOut } from './time-out.ts'

const Update = Type.Object({ data: TextExpectation }, closed)
const updatesSchema = Type.Object(
  {
    request: Type.Optional(ActorName),
    within: Type.Optional(DurationText),
    update: Type.Optional(Update),
    updates: Type.Optional(Type.Array(Update)),
  },
  closed,
)
type UpdatesArgs = Static<typeof updatesSchema>

const expectedUpdates = ({ update, updates }: UpdatesArgs) =>
  updates ?? (update === undefined ? [] : [update])

/** The updates in the complete response to a poll, without those of other cases; unmet if it cannot be read. */
export async function readResponse(
  play: Play,
  name: string,
  signal: AbortSignal,
  expected: string,
  skipped: SkippedResponses = 'foreign updates or pings',
): Promise<{ updates: string[]; poller: Poller } | Outcome> {
  const poller = await awaitResponse(play, name, signal, skipped)
  const { exchange } = poller
  if (exchange.completion === undefined) {
    const observed =
      exchange.head === undefined ? 'no response in time' : `${exchange.head.status}, incomplete in time`
    return unmet(expected, observed, { late: true })
  }
  if (exchange.completion.kind !== 'complete')
    return unmet(expected, describeResponse(exchange.head, exchange.completion))
  try {
    return {
      updates: updatesIn(play, poller).filter((update) => !play.publications.isForeign(update)),
      poller,
    }
  } catch (error) {
    if (error instanceof NotAsDescribed) return unmet(expected, error.message)
    throw error
  }
}

export const isOutcome = (value: object): value is Outcome => 'kind' in value

const updatesVerb = (name: 'released' | 'answered', about: string) =>
  verb({
    name,
    about,
    expects: true,
    schema: updatesSchema,
    run: async (args, play) => {
      const signal = play.bounds.within(args.within)
      const outcomes = await Promise.all(
        pollerNames(play, args.request ?? 'poller').map((one) => judgeUpdates(args, play, one, signal)),
      )
      return outcomes.find(({ kind }) => kind !== 'met') ?? met
    },
    draw: (args) => [
      {
        actor: args.request ?? 'poller',
        towards: 'kit',
        text:
          expectedUpdates(args)
            .map(({ data }) => describeText(data))
            .join(', ') || 'update',
      },
    ],
  })

async function judgeUpdates(
  args: UpdatesArgs,
  play: Play,
  name: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const wanted = expectedUpdates(args)
  const expected =
    wanted.length === 0
      ? 'a response with an update'
      : `a response with ${wanted.map(({ data }) => describeText(data)).join(', ')}`
  const response = await readResponse(play, name, signal, expected)
  if (isOutcome(response)) return response
  const { updates, poller } = response
  if (updates.length === 0 && wanted.length > 0 && endedBeforeUpdate(play, poller))
    return unable('the hold ended before the target had accepted the update', { retryMayHelp: true })
  const isMet =
    wanted.length === 0
      ? updates.length > 0
      : updates.length === wanted.length &&
        wanted.every(({ data }, index) => textMeets(data, updates[index] ?? ''))
  return isMet ? met : unmet(expected, describeUpdates(updates, poller.exchange))
}

/** Whether the hold ended before the update, or timed out while the target may not have known the update yet. */
function endedBeforeUpdate(play: Play, poller: Poller): boolean {
  const { began, accepted } = play.publications.last
  const endedAt = poller.exchange.completion?.at ?? 0
  return endedAt < began || (endedAt < accepted && possibleTimeOut(play, poller) !== undefined)
}

export const describeUpdates = (updates: readonly string[], exchange: Exchange): string =>
  updates.length === 0
    ? `${describeResponse(exchange.head, exchange.completion)} without an update`
    : `${describeResponse(exchange.head, exchange.completion)} with ${updates.map((update) => show(Buffer.from(update), 100)).join(', ')}`

const emptyVerb = verb({
  name: 'empty',
  about: 'The poll gets a response without updates at once, with the declared status and body.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async (args, play) => {
    const response = await readResponse(
      play,
      args.request ?? 'poller',
      play.bounds.within(args.within),
      'a response without updates',
    )
    if (isOutcome(response)) return response
    const { exchange } = response.poller
    if (response.updates.length > 0)
      return unmet('a response without updates', describeUpdates(response.updates, exchange))
    const declared = play.target.description.polling?.empty
    return shapeMismatch(declared, exchange, 'a response without updates') ?? met
  },
  draw: ({ request = 'poller' }) => [{ actor: request, towards: 'kit', text: 'response without updates' }],
})

interface DeclaredShape {
  readonly status?: number | number[]
  readonly body?: string
}

/** Unmet if the status or the body of a response without updates is not as declared. */
export function shapeMismatch(
  declared: DeclaredShape | undefined,
  exchange: Exchange,
  expected: string,
): Outcome | undefined {
  const { head, completion } = exchange
  if (head === undefined) return unmet(expected, describeResponse(head, completion))
  if (declared?.status !== undefined && !statusMeets(declared.status, head.status))
    return unmet(
      `${expected} with ${describeStatus(declared.status)}, as declared`,
      describeResponse(head, completion),
    )
  const body = Buffer.from(exchange.content).toString()
  if (declared?.body !== undefined && body !== declared.body)
    return unmet(
      `${expected} with the declared body ${JSON.stringify(declared.body)}`,
      show(exchange.content, 200),
    )
  return undefined
}

const cursorVerb = verb({
  name: 'cursor',
  about:
    'The response to a poll has a cursor for the next poll. With `beyond`, that cursor is greater than the one from an earlier response.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), beyond: Type.Optional(ActorName) }, closed),
  run: async ({ request = 'poller', beyond }, play) => {
    const poller = await completedPoll(play, request)
    if (poller === null)
      return unmet('a complete response with a cursor', 'no complete response', { late: true })
    const cursor = cursorInResponse(play, poller.exchange, poller.poll)
    if (cursor.some((part) => part === undefined || part === ''))
      return unmet('a response with a cursor', 'a response without a cursor')
    if (beyond === undefined) return met
    const before = nextCursor(play, pollerOf(play, beyond))
    return isBeyond(cursor[0] ?? '', before[0] ?? '')
      ? met
      : unmet(`a cursor beyond ${JSON.stringify(before[0])}`, JSON.stringify(cursor[0]))
  },
  draw: ({ request = 'poller', beyond }) => [
    {
      actor: request,
      towards: 'kit',
      text: `cursor${beyond === undefined ? '' : ` beyond that of ${beyond}`}`,
    },
  ],
})

/** Compares numbers by value, and other cursors byte by byte. */
const isBeyond = (cursor: string, before: string): boolean =>
  /^\d+$/.test(cursor) && /^\d+$/.test(before)
    ? BigInt(cursor) > BigInt(before)
    : Buffer.compare(Buffer.from(cursor), Buffer.from(before)) > 0

export const pollResponseVerbs = [
  updatesVerb('released', 'The held request gets a complete response with exactly these updates.'),
  updatesVerb('answered', 'The poll gets a complete response with exactly these updates.'),
  emptyVerb,
  cursorVerb,
]
