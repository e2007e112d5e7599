import { type Static, Type } from '@sinclair/typebox'
import type { Scope } from '../../targets/description/template.ts'
import type { Play } from '../stage/play.ts'
import {
  firstCursor,
  nextCursor,
  type Poller,
  pollerOf,
  sendPoll,
  type Technique,
  uniformCursor,
} from './poller.ts'
import { requestOverrides, unableUnlessConnected } from '../language/request.ts'
import { ActorName, closed } from '../language/arguments.ts'
import { unable } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const pollSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    over: Type.Optional(Type.Union([Type.Literal('polling'), Type.Literal('long-polling')])),
    after: Type.Optional(
      Type.String({ description: 'The poll to continue: its session, and the cursor from its response' }),
    ),
    again: Type.Optional(
      Type.String({ description: 'The poll to repeat: its session, and the cursor that it sent' }),
    ),
    keep: Type.Optional(
      Type.Boolean({
        description: 'Reuse the connection of that poll, even if its response has not arrived',
      }),
    ),
    cursor: Type.Optional(
      Type.Union([
        Type.String({ description: 'The cursor to send instead' }),
        Type.Object(
          { unusable: Type.Union([Type.Literal('malformed'), Type.Literal('future')]) },
          { ...closed, description: 'Send the unusable cursor that the target description names' },
        ),
      ]),
    ),
    hold: Type.Optional(
      Type.String({
        description: 'The time-out to request, if the target lets a client set one: 300ms, or any text',
      }),
    ),
    times: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 250,
        description: 'The number of pollers, each with its own connection: "waiter 1", "waiter 2", …',
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
    'Sends a poll and does not wait for the response. With `after`, the poll continues from the response to an earlier poll.',
  expects: false,
  schema: pollSchema,
  run: async (args, play) => {
    const technique = args.over ?? (play.case.protocol === 'polling' ? 'polling' : 'long-polling')
    const before = args.after === undefined ? undefined : await completedPoll(play, args.after)
    if (before === null)
      return unable(`"${args.after}" got no complete response, so there is no cursor to continue from`)
    const repeated = args.again === undefined ? undefined : pollerOf(play, args.again)
    return unableUnlessConnected(async () => {
      const { as = 'poller', times } = args
      const names = times === undefined ? [as] : Array.from({ length: times }, (_, at) => `${as} ${at + 1}`)
      await Promise.all(names.map((name) => sendAs(play, args, technique, name, before ?? repeated)))
    })
  },
  draw: ({ as = 'poller', after, again, times }) => [
    {
      actor: as,
      towards: 'target',
      text: `poll${after === undefined ? '' : `, continuing from ${after}`}${again === undefined ? '' : `, repeating ${again}`}${times === undefined ? '' : `, ${times} times`}`,
    },
  ],
})

async function sendAs(
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
    cursor: cursorToSend(play, args, technique, before, session),
    overrides: args,
    on: args.keep ? before?.exchange.connection : undefined,
  })
}

function cursorToSend(
  play: Play,
  args: PollArgs,
  technique: Technique,
  before: Poller | undefined,
  session: Scope,
) {
  if (typeof args.cursor === 'string') return uniformCursor(play, technique, args.cursor)
  if (args.cursor !== undefined) {
    const unusable = play.target.description['long-polling']?.unusable?.[args.cursor.unusable]
    return uniformCursor(play, technique, unusable?.send ?? '')
  }
  if (before === undefined) return firstCursor(play, technique, session)
  return args.again === undefined ? nextCursor(play, before) : before.poll.cursor
}

/** The poll, once its response is complete; null if the response is broken or not complete in time. */
export async function completedPoll(play: Play, name: string): Promise<Poller | null> {
  const poller = pollerOf(play, name)
  await poller.exchange.completed(play.bounds.within())
  return poller.exchange.completion?.kind === 'complete' ? poller : null
}

export const pollVerbs = [pollVerb]
