import { type Static, Type } from '@sinclair/typebox'
import {
  type SubscriptionObservation,
  describeSubscriptionObservation,
} from '../../wire/event-stream/subscription.ts'
import { inboxOf, subscriptionOf } from './subscriber.ts'
import { describeText, TextExpectation, textMeets } from '../language/expectations.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { StockEventSource } from './stock-client.ts'
import { verb } from '../language/verb.ts'
import { describeMissingEvent, describeRefusal, greetingHint, nextEvent, updateMeets } from './next-event.ts'

const eventSchema = Type.Object(
  {
    to: Type.Optional(ActorName),
    data: Type.Optional(
      Type.Union(TextExpectation.anyOf, { description: 'The update that the event carries' }),
    ),
    raw: Type.Optional(
      Type.Union(TextExpectation.anyOf, {
        description: 'The data of the event, before the update is read from it',
      }),
    ),
    type: Type.Optional(Type.Union(TextExpectation.anyOf, { description: 'The event type' })),
    id: Type.Optional(
      Type.Union(TextExpectation.anyOf, { description: 'The last event ID after this event' }),
    ),
    'id-other-than': Type.Optional(
      Type.String({ description: 'The subscriber whose last event ID the event must not have' }),
    ),
    size: Type.Optional(
      Type.Object(
        { of: Type.String(), times: Type.Integer({ minimum: 1 }) },
        { ...closed, description: 'The update is the text `of`, repeated `times` times' },
      ),
    ),
    skip: Type.Optional(Type.Boolean({ description: 'Other events may arrive before it' })),
    within: Type.Optional(DurationText),
  },
  closed,
)
type EventArgs = Static<typeof eventSchema>

const eventVerb = verb({
  name: 'event',
  about:
    'The next event that carries an update is this one. Comments, reconnection times and events without an update are ignored.',
  expects: true,
  schema: eventSchema,
  run: ({ 'id-other-than': other, ...args }, play) => {
    const signal = play.bounds.within(args.within)
    const wanted =
      other === undefined ? args : { ...args, id: { not: subscriptionOf(play, other).lastEventId } }
    return forEachSubscriber(play, args.to ?? 'subscriber', async (name) => {
      const outcome = await expectEvent(play, name, wanted, signal)
      return outcome.kind === 'unmet' ? (faultOfStockClient(play, name, wanted) ?? outcome) : outcome
    })
  },
  draw: (args) => [{ actor: args.to ?? 'subscriber', towards: 'kit', text: describeWanted(args) }],
})

/** Runs `judge` for every subscriber that a name stands for; returns the first outcome that is not met, if any. */
async function forEachSubscriber(
  play: Play,
  name: string,
  judge: (name: string) => Promise<Outcome>,
): Promise<Outcome> {
  const outcomes = await Promise.all(play.actors.names(name).map(judge))
  return outcomes.find(({ kind }) => kind !== 'met') ?? met
}

/** The outcome if a stock client, which has its own delays and mistakes, is to blame for a missing event. */
function faultOfStockClient(play: Play, name: string, args: EventArgs): Outcome | undefined {
  const actor = play.actors.get(name)
  if (!(actor instanceof StockEventSource)) return undefined
  if (actor.parserError !== undefined)
    return unable(`the HTTP parser of the stock client cannot read the response: ${actor.parserError}`)
  return actor.arrived.some((event) => eventMeets(args, event, play))
    ? unable('the stock client has not dispatched the event, although it has arrived on its stream')
    : undefined
}

/** The next event must meet the expectation. On a stream that emits events without a publish, a later one may. */
async function expectEvent(play: Play, name: string, args: EventArgs, signal: AbortSignal): Promise<Outcome> {
  if (typeof args.data === 'string' && play.publications.refused.has(args.data)) return met
  const wanted = describeWanted(args)
  let lastEvent: SubscriptionObservation | undefined
  for (;;) {
    const seen = await nextEvent(play, name, signal)
    if (seen === undefined)
      return unmet(
        wanted,
        lastEvent === undefined
          ? describeMissingEvent(play, name)
          : describeSubscriptionObservation(lastEvent),
        { late: true },
      )
    if (seen.kind !== 'event')
      return unmet(wanted, describeRefusal(play, name) ?? describeSubscriptionObservation(seen))
    if (eventMeets(args, seen, play)) return met
    if (args.skip !== true && play.target.description.sse?.emits !== true)
      return unmet(wanted, `${describeSubscriptionObservation(seen)}${greetingHint(play, name, seen)}`)
    lastEvent = seen
  }
}

function describeWanted({ data, raw, type, id, size }: EventArgs): string {
  const properties = [
    ...(data === undefined ? [] : [`whose update is ${describeText(data)}`]),
    ...(size === undefined
      ? []
      : [`whose update is ${JSON.stringify(size.of)} repeated ${size.times} times`]),
    ...(raw === undefined ? [] : [`whose data is ${describeText(raw)}`]),
    ...(id === undefined ? [] : [`whose last event ID is ${describeText(id)}`]),
  ]
  const ofType = type === undefined ? '' : ` of type ${describeText(type)}`
  return `an event${ofType} ${properties.join(' and ')}`.trimEnd()
}

type Dispatched = Extract<SubscriptionObservation, { kind: 'event' }>

function eventMeets({ data, raw, type, id, size }: EventArgs, event: Dispatched, play: Play): boolean {
  if (raw !== undefined && !textMeets(raw, event.data)) return false
  if (type !== undefined && !textMeets(type, event.type)) return false
  if (id !== undefined && !textMeets(id, event.lastEventId)) return false
  if (size !== undefined && !updateMeets(size.of.repeat(size.times), event.data, play)) return false
  return data === undefined || updateMeets(data, event.data, play)
}

const eventsVerb = verb({
  name: 'events',
  about:
    'The next events are the updates "data 1" to "data n" of a numbered publish, exactly once and in order.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      data: Type.String({ description: 'The text before each number' }),
      numbered: Type.Integer({ minimum: 1, description: 'The last number' }),
      ids: Type.Optional(
        Type.Literal('distinct', {
          description: 'No two of these events have the same id; events without an id are ignored',
        }),
      ),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: (args, play) => {
    const signal = play.bounds.within(args.within)
    return forEachSubscriber(play, args.to ?? 'subscriber', (name) =>
      receiveNumbered(play, name, args, signal),
    )
  },
  draw: ({ to = 'subscriber', data, numbered }) => [
    { actor: to, towards: 'kit', text: `events with the updates ${data} 1 to ${numbered}` },
  ],
})

interface NumberedUpdates {
  readonly data: string
  readonly numbered: number
  readonly ids?: 'distinct'
}

async function receiveNumbered(
  play: Play,
  name: string,
  { data, numbered, ids }: NumberedUpdates,
  signal: AbortSignal,
): Promise<Outcome> {
  const seenIds = new Set<string>()
  for (let number = 1; number <= numbered; number++) {
    const wanted = describeWanted({ data: `${data} ${number}` })
    const seen = await nextEvent(play, name, signal)
    if (seen === undefined) return unmet(wanted, describeMissingEvent(play, name), { late: true })
    if (seen.kind !== 'event') return unmet(wanted, describeSubscriptionObservation(seen))
    if (!updateMeets(`${data} ${number}`, seen.data, play)) {
      if (number > 1 || play.target.description.sse?.emits !== true)
        return unmet(wanted, `${describeSubscriptionObservation(seen)}${greetingHint(play, name, seen)}`)
      number = 0
      continue
    }
    const id = seen.block.lines.findLast(({ field }) => field === 'id')?.value
    if (ids === undefined || id === undefined || id === '') continue
    if (seenIds.has(id)) return unmet('an id that no earlier event has', `the id ${JSON.stringify(id)} again`)
    seenIds.add(id)
  }
  return met
}

const alikeVerb = verb({
  name: 'alike',
  about: 'Two subscribers get the same events, up to the event with this update.',
  expects: true,
  schema: Type.Object(
    {
      who: Type.Tuple([ActorName, ActorName]),
      until: Type.String({ description: 'The update' }),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ who: [one, other], until, within }, play) => {
    const signal = play.bounds.within(within)
    const [first, second] = await Promise.all([
      eventsUntil(play, one, until, signal),
      eventsUntil(play, other, until, signal),
    ])
    const wanted = `the same events for "${one}" and "${other}"`
    const observed = `${first.events} for "${one}" and ${second.events} for "${other}"`
    if (!first.isComplete || !second.isComplete) return unmet(wanted, observed, { late: true })
    return first.events === second.events ? met : unmet(wanted, observed)
  },
  draw: ({ who, until }) =>
    who.map((actor) => ({ actor, towards: 'kit' as const, text: `the same events up to ${until}` })),
})

/** The data of the events up to the one with the update `until`, as JSON. */
async function eventsUntil(play: Play, name: string, until: string, signal: AbortSignal) {
  const seen: string[] = []
  for (;;) {
    const next = await nextEvent(play, name, signal)
    if (next?.kind !== 'event') return { isComplete: false, events: JSON.stringify(seen) }
    seen.push(next.data)
    if (updateMeets(until, next.data, play)) return { isComplete: true, events: JSON.stringify(seen) }
  }
}

const noEventVerb = verb({
  name: 'no-event',
  about: 'The stream stays open, and no event that carries an update arrives in the given time.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName), for: DurationText }, closed),
  run: async (args, play) => {
    const seen = await nextEvent(play, args.to ?? 'subscriber', play.bounds.within(args.for))
    return seen === undefined ? met : unmet(`no event for ${args.for}`, describeSubscriptionObservation(seen))
  },
  draw: ({ to = 'subscriber', for: time }) => [{ actor: to, towards: 'none', text: `no event for ${time}` }],
})

const commentVerb = verb({
  name: 'comment',
  about: 'A comment arrives before any event.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async (args, play) => {
    const signal = play.bounds.within(args.within)
    for (;;) {
      const seen = (await inboxOf(play, args.to ?? 'subscriber').next(signal))?.seen
      if (seen?.kind === 'comment') return met
      if (seen === undefined) return unmet('a comment', 'no comment in time', { late: true })
      if (seen.kind === 'event' || seen.kind === 'end' || seen.kind === 'malformed')
        return unmet('a comment', describeSubscriptionObservation(seen))
    }
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'comment' }],
})

const listenVerb = verb({
  name: 'listen',
  about:
    'Reads the stream for the given time or until it ends, and expects nothing. Rules that are watched on the wire are still checked.',
  expects: false,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      for: DurationText,
      emitting: Type.Optional(
        Type.Union([DurationText], {
          description:
            'The time for a target that sends events on its own, whose streams may end on their own',
        }),
      ),
    },
    closed,
  ),
  run: async ({ to = 'subscriber', for: time, emitting = time }, play) => {
    const isEmitting = play.target.description.sse?.emits === true
    await subscriptionOf(play, to).finished(play.bounds.within(isEmitting ? emitting : time))
    return met
  },
  draw: ({ to = 'subscriber', for: time }) => [{ actor: to, towards: 'none', text: `reads for ${time}` }],
})

const startsVerb = verb({
  name: 'starts-as-declared',
  about:
    'The first event is the one that the target description declares (`unknownId`) for a client whose last event ID is not known to the target.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      kept: Type.String({ description: 'The oldest update that the target keeps' }),
      new: Type.String({ description: 'The next new update' }),
    },
    closed,
  ),
  run: ({ to = 'subscriber', kept, new: next }, play) => {
    const data = play.target.description.sse?.unknownId === 'all' ? kept : next
    return expectEvent(play, to, { data }, play.bounds.within())
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'the first event as declared' }],
})

export const eventVerbs = [eventVerb, eventsVerb, alikeVerb, noEventVerb, commentVerb, listenVerb, startsVerb]
