import { type Static, Type } from '@sinclair/typebox'
import { carriesUpdates, updatesOf } from '../../targets/cursor.ts'
import { NotAsDescribed } from '../../targets/errors/not-as-described.ts'
import {
  type SubscriptionObservation,
  describeSubscriptionObservation,
} from '../../wire/event-stream/subscription.ts'
import { inboxOf, Subscriber, subscriptionOf } from './subscriber.ts'
import { describeResponse, describeText, TextExpectation, textMeets } from '../language/expectations.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const eventSchema = Type.Object(
  {
    to: Type.Optional(ActorName),
    data: Type.Optional(TextExpectation),
    raw: Type.Optional(TextExpectation),
    type: Type.Optional(TextExpectation),
    id: Type.Optional(TextExpectation),
    'id-other-than': Type.Optional(
      Type.String({ description: 'The subscriber whose last event ID it must not have' }),
    ),
    size: Type.Optional(
      Type.Object(
        { of: Type.String(), times: Type.Integer({ minimum: 1 }) },
        { ...closed, description: 'The update is this text, so many times' },
      ),
    ),
    skip: Type.Optional(Type.Boolean({ description: 'Other events may come before it' })),
    within: Type.Optional(DurationText),
  },
  closed,
)
type EventArgs = Static<typeof eventSchema>

const eventVerb = verb({
  name: 'event',
  about:
    'The next event that the stream dispatches is this one. Comments and reconnection times are passed over.',
  expects: true,
  schema: eventSchema,
  run: ({ 'id-other-than': other, ...args }, play) => {
    const signal = play.bounds.within(args.within)
    const wanted =
      other === undefined ? args : { ...args, id: { not: subscriptionOf(play, other).lastEventId } }
    return ofEach(play, args.to ?? 'subscriber', (name) => receive(play, name, wanted, signal))
  },
  draw: (args) => [{ actor: args.to ?? 'subscriber', towards: 'kit', text: describeWanted(args) }],
})

/** The same of every subscriber that a name stands for; the first who does not see it decides. */
async function ofEach(play: Play, name: string, look: (name: string) => Promise<Outcome>): Promise<Outcome> {
  const outcomes = await Promise.all(play.actors.names(name).map(look))
  return outcomes.find(({ kind }) => kind !== 'met') ?? met
}

/** The next event must be the one; on a stream that also speaks by itself, one of those that follow. */
async function receive(play: Play, name: string, args: EventArgs, signal: AbortSignal): Promise<Outcome> {
  if (typeof args.data === 'string' && play.publications.refused.has(args.data)) return met
  const wanted = describeWanted(args)
  let other: SubscriptionObservation | undefined
  for (;;) {
    const seen = await nextEvent(play, name, signal)
    if (seen === undefined)
      return unmet(
        wanted,
        other === undefined ? noEvent(play, name) : describeSubscriptionObservation(other),
        { late: true },
      )
    if (seen.kind !== 'event')
      return unmet(wanted, refusal(play, name) ?? describeSubscriptionObservation(seen))
    if (eventMeets(args, seen, play)) return met
    if (args.skip !== true && play.target.description.sse?.emits !== true)
      return unmet(wanted, `${describeSubscriptionObservation(seen)}${greetingHint(play, name, seen)}`)
    other = seen
  }
}

/** What comes first on a stream, and before the case has published, may well be meant for a page alone. */
function greetingHint(play: Play, name: string, seen: SubscriptionObservation): string {
  const actor = play.actors.get(name)
  const first = actor instanceof Subscriber ? actor.subscription.firstEvent : undefined
  return first?.seen === seen && first.at < (play.publications.lastAt ?? 0)
    ? '; if each stream begins with such an event, say greeting: true under sse'
    : ''
}

/** An answer that is no stream from its beginning on. */
const refusal = (play: Play, name: string): string | undefined => {
  const actor = play.actors.get(name)
  const head = actor instanceof Subscriber ? actor.exchange.head : undefined
  return head === undefined || head.status === 200
    ? undefined
    : `${describeResponse(head, undefined)} instead of a stream`
}

/** A stream that is open and says nothing at all is what a buffer in between makes of any stream. */
function noEvent(play: Play, name: string): string {
  const actor = play.actors.get(name)
  if (actor instanceof Subscriber && actor.exchange.head === undefined)
    return 'no event in time, and not even a header section'
  return actor instanceof Subscriber && actor.subscription.isSilent
    ? `no event in time, nor any byte after the header section: ${heldBack}`
    : 'no event in time'
}

const heldBack =
  'if the server did send it, something in between holds it back (a proxy that buffers or compresses)'

const describeWanted = ({ data, raw, type, id, size }: EventArgs): string =>
  [
    'an event',
    ...(type === undefined ? [] : [`of type ${describeText(type)}`]),
    ...(data === undefined ? [] : [`with the update ${describeText(data)}`]),
    ...(size === undefined ? [] : [`with ${size.times} times ${JSON.stringify(size.of)}`]),
    ...(raw === undefined ? [] : [`with the data ${describeText(raw)}`]),
    ...(id === undefined ? [] : [`and the last event ID ${describeText(id)}`]),
  ].join(' ')

type Dispatched = Extract<SubscriptionObservation, { kind: 'event' }>

/** The next event that carries an update, as declared by its type or its beginning, or what ended the wait. */
async function nextEvent(
  play: Play,
  name: string,
  signal: AbortSignal,
): Promise<SubscriptionObservation | undefined> {
  const { event: type, update } = play.target.description.sse ?? {}
  for (;;) {
    const seen = (await inboxOf(play, name).next(signal))?.seen
    if (seen === undefined || seen.kind === 'end' || seen.kind === 'malformed') return seen
    if (seen.kind !== 'event' || (type !== undefined && seen.type !== type)) continue
    if (carriesUpdates(update, seen.data)) return seen
  }
}

function eventMeets({ data, raw, type, id, size }: EventArgs, event: Dispatched, play: Play): boolean {
  if (raw !== undefined && !textMeets(raw, event.data)) return false
  if (type !== undefined && !textMeets(type, event.type)) return false
  if (id !== undefined && !textMeets(id, event.lastEventId)) return false
  if (size !== undefined && !updateMeets(size.of.repeat(size.times), event.data, play)) return false
  return data === undefined || updateMeets(data, event.data, play)
}

export function updateMeets(wanted: TextExpectation, data: string, play: Play): boolean {
  try {
    const updates = updatesOf(play.target.description.sse?.update, data)
    return updates.length === 1 && textMeets(wanted, updates[0] ?? '')
  } catch (error) {
    if (error instanceof NotAsDescribed) return false
    throw error
  }
}

const eventsVerb = verb({
  name: 'events',
  about:
    'The next events are the updates "data 1" to "data n" of a numbered publish, each once and in order.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      data: Type.String(),
      numbered: Type.Integer({ minimum: 1 }),
      ids: Type.Optional(
        Type.Literal('distinct', { description: 'And no two of those that have an id have the same' }),
      ),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: (args, play) => {
    const signal = play.bounds.within(args.within)
    return ofEach(play, args.to ?? 'subscriber', (name) => receiveNumbered(play, name, args, signal))
  },
  draw: ({ to = 'subscriber', data, numbered }) => [
    { actor: to, towards: 'kit', text: `events with the updates ${data} 1 to ${numbered}` },
  ],
})

interface Numbered {
  readonly data: string
  readonly numbered: number
  readonly ids?: 'distinct'
}

async function receiveNumbered(
  play: Play,
  name: string,
  { data, numbered, ids }: Numbered,
  signal: AbortSignal,
): Promise<Outcome> {
  const known = new Set<string>()
  for (let number = 1; number <= numbered; number++) {
    const wanted = describeWanted({ data: `${data} ${number}` })
    const seen = await nextEvent(play, name, signal)
    if (seen === undefined) return unmet(wanted, noEvent(play, name), { late: true })
    if (seen.kind !== 'event') return unmet(wanted, describeSubscriptionObservation(seen))
    if (!updateMeets(`${data} ${number}`, seen.data, play)) {
      if (number > 1 || play.target.description.sse?.emits !== true)
        return unmet(wanted, `${describeSubscriptionObservation(seen)}${greetingHint(play, name, seen)}`)
      number = 0
      continue
    }
    const id = seen.block.lines.findLast(({ field }) => field === 'id')?.value
    if (ids === undefined || id === undefined || id === '') continue
    if (known.has(id)) return unmet('an id that no event before has', `the id ${JSON.stringify(id)} again`)
    known.add(id)
  }
  return met
}

const alikeVerb = verb({
  name: 'alike',
  about: 'Two subscribers get the same events, up to the one with this update.',
  expects: true,
  schema: Type.Object(
    { who: Type.Tuple([ActorName, ActorName]), until: Type.String(), within: Type.Optional(DurationText) },
    closed,
  ),
  run: async ({ who: [one, other], until, within }, play) => {
    const signal = play.bounds.within(within)
    const [first, second] = await Promise.all([
      eventsUntil(play, one, until, signal),
      eventsUntil(play, other, until, signal),
    ])
    const wanted = `the same events for "${one}" and "${other}"`
    if (!first.complete || !second.complete)
      return unmet(wanted, `${first.story} for the one, ${second.story} for the other`, { late: true })
    return first.story === second.story
      ? met
      : unmet(wanted, `${first.story} for the one, ${second.story} for the other`)
  },
  draw: ({ who, until }) =>
    who.map((actor) => ({ actor, towards: 'kit' as const, text: `the same events up to ${until}` })),
})

async function eventsUntil(play: Play, name: string, until: string, signal: AbortSignal) {
  const seen: string[] = []
  for (;;) {
    const next = await nextEvent(play, name, signal)
    if (next?.kind !== 'event') return { complete: false, story: JSON.stringify(seen) }
    seen.push(next.data)
    if (updateMeets(until, next.data, play)) return { complete: true, story: JSON.stringify(seen) }
  }
}

const noEventVerb = verb({
  name: 'no-event',
  about: 'The stream stays open and dispatches nothing in the given time.',
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
  about: 'A comment arrives, and no event before it.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async (args, play) => {
    const signal = play.bounds.within(args.within)
    for (;;) {
      const seen = (await inboxOf(play, args.to ?? 'subscriber').next(signal))?.seen
      if (seen?.kind === 'comment') return met
      if (seen === undefined) return unmet('a comment', 'none in time', { late: true })
      if (seen.kind === 'event' || seen.kind === 'end' || seen.kind === 'malformed')
        return unmet('a comment', describeSubscriptionObservation(seen))
    }
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'comment' }],
})

const listenVerb = verb({
  name: 'listen',
  about: 'Reads the stream for some time, whatever comes; what is watched on the wire is looked at.',
  expects: false,
  schema: Type.Object({ to: Type.Optional(ActorName), for: DurationText }, closed),
  run: async ({ to = 'subscriber', for: time }, play) => {
    const signal = play.bounds.within(time)
    while ((await inboxOf(play, to).next(signal)) !== undefined);
    return met
  },
  draw: ({ to = 'subscriber', for: time }) => [{ actor: to, towards: 'none', text: `reads for ${time}` }],
})

const startsVerb = verb({
  name: 'starts-as-declared',
  about:
    'The first event is the one that the description promises to a client whose last event ID is not known: the oldest that is kept, or the next new one.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName), kept: Type.String(), new: Type.String() }, closed),
  run: ({ to = 'subscriber', kept, new: fresh }, play) => {
    const data = play.target.description.sse?.unknownId === 'all' ? kept : fresh
    return receive(play, to, { data }, play.bounds.within())
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'the first event, as declared' }],
})

export const eventVerbs = [eventVerb, eventsVerb, alikeVerb, noEventVerb, commentVerb, listenVerb, startsVerb]
