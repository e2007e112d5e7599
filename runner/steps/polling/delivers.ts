import { type Static, Type } from '@sinclair/typebox'
import { describeText, TextExpectation, textMeets } from '../language/expectations.ts'
import { waitUntilHeld } from './hold-detection.ts'
import type { Play } from '../stage/play.ts'
import { endpointOf, pollAgain, type Poller, pollerOf, reusableConnection } from './poller.ts'
import { describeUpdates, isOutcome, readResponse } from './poll-response.ts'
import { unableUnlessConnected } from '../language/request.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const deliversSchema = Type.Object(
  {
    request: Type.Optional(ActorName),
    updates: Type.Array(TextExpectation, { minItems: 1 }),
    within: Type.Optional(DurationText),
    connection: Type.Optional(
      Type.Union([Type.Literal('kept'), Type.Literal('new')], {
        description: 'Send each poll on the connection of the previous one (default), or on a new one',
      }),
    ),
  },
  closed,
)
type DeliversArgs = Static<typeof deliversSchema>

const deliversVerb = verb({
  name: 'delivers',
  about:
    'The responses to this poll and to as many further polls as needed have exactly these updates: in this order, none missing, none twice. The poll after the last update is held. One response may have as many updates as the target description says.',
  expects: true,
  demandsEach: ['updates'],
  schema: deliversSchema,
  run: async (args, play) => {
    let outcome: Outcome = met
    const sending = await unableUnlessConnected(async () => {
      outcome = await collect(args, play)
    })
    return sending.kind === 'met' ? outcome : sending
  },
  draw: ({ request = 'poller', updates }) => [
    { actor: request, towards: 'kit', text: updates.map(describeText).join(', ') },
  ],
})

async function collect(args: DeliversArgs, play: Play): Promise<Outcome> {
  const { request = 'poller', updates: wanted, within, connection = 'kept' } = args
  const name = pollerOf(play, request).name
  const signal = play.bounds.within(within)
  const received: string[] = []
  while (!isAllReceived(play, wanted, received)) {
    const expected = `the updates ${wanted.map(describeText).join(', ')} in this order`
    const response = await readResponse(play, name, signal, expected)
    if (isOutcome(response)) return withCount(response, received.length)
    received.push(...response.updates)
    const mismatch = deliveryMismatch(play, wanted, received, response)
    if (mismatch !== undefined) return mismatch
    const { poller } = response
    await pollAgain(play, poller, connection === 'kept' ? reusableConnection(poller) : undefined)
  }
  return judgeNothingMore(play, name, wanted)
}

/** The poll after the last update must be held, or at least bring no further update. */
async function judgeNothingMore(
  play: Play,
  name: string,
  wanted: readonly TextExpectation[],
): Promise<Outcome> {
  const isCompleted = (): boolean => pollerOf(play, name).exchange.completion !== undefined
  const expected = `no update after ${describeText(wanted.at(-1) ?? '')}`
  await waitUntilHeld(play, name, 1, isCompleted)
  if (!isCompleted()) return met
  const response = await readResponse(play, name, play.bounds.within('500ms'), expected)
  if (isOutcome(response)) return response.kind === 'unmet' && response.late ? met : response
  const { updates, poller } = response
  return updates.length === 0 ? met : unmet(expected, describeUpdates(updates, poller.exchange))
}

/** Whether the target delivers only its last state; clients may then miss the states in between. */
const deliversOnlyLast = (play: Play, { poll }: Poller): boolean =>
  endpointOf(play, poll.technique).delivers === 'last'

function isAllReceived(play: Play, wanted: readonly TextExpectation[], received: readonly string[]): boolean {
  const last = received.at(-1)
  const onlyLast = play.target.description['long-polling']?.delivers === 'last'
  return onlyLast
    ? last !== undefined && textMeets(wanted.at(-1) ?? '', last)
    : received.length >= wanted.length
}

function deliveryMismatch(
  play: Play,
  wanted: readonly TextExpectation[],
  received: readonly string[],
  response: { updates: readonly string[]; poller: Poller },
): Outcome | undefined {
  if (endpointOf(play, response.poller.poll.technique).delivers === 'one' && response.updates.length > 1)
    return unmet(
      'one update per response, as declared',
      describeUpdates(response.updates, response.poller.exchange),
    )
  const isExpected = deliversOnlyLast(play, response.poller)
    ? isSubsequence(wanted, received)
    : received.length <= wanted.length && received.every((one, at) => textMeets(wanted[at] ?? '', one))
  return isExpected
    ? undefined
    : unmet(
        `the updates ${wanted.map(describeText).join(', ')} in this order, each once`,
        received.map((one) => JSON.stringify(one.slice(0, 100))).join(', '),
      )
}

/** Whether the updates received are some of those expected, in the same order. */
function isSubsequence(wanted: readonly TextExpectation[], received: readonly string[]): boolean {
  let at = 0
  return received.every((one) => {
    while (at < wanted.length && !textMeets(wanted[at] ?? '', one)) at++
    return at++ < wanted.length
  })
}

/** The outcome, with the number of updates that were received before. */
const withCount = (outcome: Outcome, received: number): Outcome =>
  outcome.kind === 'unmet' && received > 0
    ? { ...outcome, observed: `${outcome.observed} after ${received} update${received === 1 ? '' : 's'}` }
    : outcome

export const deliversVerbs = [deliversVerb]
