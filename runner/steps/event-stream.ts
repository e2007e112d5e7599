import { type Static, Type } from '@sinclair/typebox'
import { openSession } from '../target/session.ts'
import { NotAsDescribed, updatesOf } from '../target/cursor.ts'
import {
  EventSubscription,
  describeStream,
  type SubscriptionObservation,
} from '../wire/event-subscription.ts'
import type { Timed } from '../wire/changes.ts'
import { describeText, TextExpectation, textMeets } from './expect.ts'
import { type Play, UnknownActor } from './play.ts'
import { buildRequest, chopOf, opening, requestParts, sendRequest } from './request.ts'
import { StockSource } from './stock-event-source.ts'
import { ActorName, closed, DurationText, met, type Outcome, unable, unmet, verb } from './verb.ts'

const subscribeSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    after: Type.Optional(Type.String({ description: 'The subscriber whose last event ID is sent' })),
    'last-event-id': Type.Optional(Type.String()),
    via: Type.Optional(
      Type.Literal('eventsource', { description: 'The stock client, to see what a user of it sees' }),
    ),
    ...requestParts,
  },
  closed,
)
type SubscribeArgs = Static<typeof subscribeSchema>

const subscribeVerb = verb({
  name: 'subscribe',
  about: 'Opens an event stream and waits until its header section is there.',
  expects: false,
  schema: subscribeSchema,
  run: async (args, play) => {
    const name = args.as ?? 'subscriber'
    const session = await openSession(play.target, 'sse', play.scope(), play.within('10s'))
    if (args.via === 'eventsource') return openStock(play, name, session)
    let outcome: Outcome = met
    const opened = await opening(async () => {
      outcome = await openRaw(play, name, args, session)
    })
    return opened.kind === 'met' ? outcome : opened
  },
  draw: ({ as = 'subscriber', after }) => [
    {
      actor: as,
      towards: 'target',
      text: after === undefined ? 'subscribe' : `subscribe, Last-Event-ID of ${after}`,
    },
  ],
})

const accept = ['Accept', 'text/event-stream'] as const

async function openRaw(
  play: Play,
  name: string,
  args: SubscribeArgs,
  session: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const address = play.target.address('sse', play.scope(session))
  const id =
    args['last-event-id'] ?? (args.after === undefined ? '' : subscriberOf(play, args.after).lastEventId)
  const extra = [accept, ...(id === '' ? [] : [['Last-Event-ID', id] as const])]
  const exchange = await sendRequest(play, name, address, buildRequest(address, args, extra), {
    chop: chopOf(args.write),
  })
  const subscription = new EventSubscription(exchange, play)
  play.add(name, { kind: 'subscriber', exchange, subscription })
  if (!(await exchange.headed(play.within())))
    return unable(`no answer to the subscription of "${name}" in time`)
  const { head, completion } = exchange
  if (head?.status !== 200)
    return unable(
      `the subscription of "${name}" got ${head?.status ?? completion?.kind ?? 'nothing'}, not 200`,
    )
  return met
}

async function openStock(
  play: Play,
  name: string,
  session: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const address = play.target.address('sse', play.scope(session))
  play.countSocket()
  const source = new StockSource(
    address,
    play.target,
    (what) => play.note(name, what),
    () => play.transcript.now(),
  )
  play.atEnd(() => source.close())
  play.add(name, { kind: 'stock-source', source })
  return (await source.opened(play.within()))
    ? met
    : unable(`the stock client got no open event stream for "${name}"`)
}

function subscriberOf(play: Play, name: string): EventSubscription {
  const actor = play.actor(name)
  if (actor.kind !== 'subscriber') throw new UnknownActor(`"${name}" is not a subscriber of its own`)
  return actor.subscription
}

/** The observations of a subscriber, whoever reads the stream for it. */
function inboxOf(
  play: Play,
  name: string,
): { next(signal: AbortSignal): Promise<Timed<SubscriptionObservation> | undefined> } {
  const actor = play.actor(name)
  if (actor.kind === 'subscriber') return actor.subscription.inbox
  if (actor.kind === 'stock-source') return actor.source.inbox
  throw new UnknownActor(`"${name}" is not a subscriber`)
}

const eventSchema = Type.Object(
  {
    to: Type.Optional(ActorName),
    data: Type.Optional(TextExpectation),
    raw: Type.Optional(TextExpectation),
    type: Type.Optional(TextExpectation),
    id: Type.Optional(TextExpectation),
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
  run: async (args, play) => {
    const wanted = describeWanted(args)
    const seen = await nextEvent(play, args.to ?? 'subscriber', play.within(args.within))
    if (seen === undefined) return unmet(wanted, 'no event in time', { late: true })
    if (seen.kind !== 'event') return unmet(wanted, describeStream(seen))
    return eventMeets(args, seen, play) ? met : unmet(wanted, describeStream(seen))
  },
  draw: (args) => [{ actor: args.to ?? 'subscriber', towards: 'kit', text: describeWanted(args) }],
})

const describeWanted = ({ data, raw, type, id }: EventArgs): string =>
  [
    'an event',
    ...(type === undefined ? [] : [`of type ${describeText(type)}`]),
    ...(data === undefined ? [] : [`with the update ${describeText(data)}`]),
    ...(raw === undefined ? [] : [`with the data ${describeText(raw)}`]),
    ...(id === undefined ? [] : [`and the last event ID ${describeText(id)}`]),
  ].join(' ')

type Dispatched = Extract<SubscriptionObservation, { kind: 'event' }>

/** The next event that carries an update, or what ended the wait; other types than the declared one are passed over. */
async function nextEvent(
  play: Play,
  name: string,
  signal: AbortSignal,
): Promise<SubscriptionObservation | undefined> {
  const carries = play.target.description.sse?.event
  for (;;) {
    const seen = (await inboxOf(play, name).next(signal))?.seen
    if (seen === undefined || seen.kind === 'end' || seen.kind === 'malformed') return seen
    if (seen.kind === 'event' && (carries === undefined || seen.type === carries)) return seen
  }
}

function eventMeets({ data, raw, type, id }: EventArgs, event: Dispatched, play: Play): boolean {
  if (raw !== undefined && !textMeets(raw, event.data)) return false
  if (type !== undefined && !textMeets(type, event.type)) return false
  if (id !== undefined && !textMeets(id, event.lastEventId)) return false
  return data === undefined || updateMeets(data, event.data, play)
}

function updateMeets(wanted: TextExpectation, data: string, play: Play): boolean {
  try {
    const updates = updatesOf(play.target.description.sse?.update, data)
    return updates.length === 1 && textMeets(wanted, updates[0] ?? '')
  } catch (error) {
    if (error instanceof NotAsDescribed) return false
    throw error
  }
}

const noEventVerb = verb({
  name: 'no-event',
  about: 'The stream stays open and dispatches nothing in the given time.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName), for: DurationText }, closed),
  run: async (args, play) => {
    const seen = await nextEvent(play, args.to ?? 'subscriber', play.within(args.for))
    return seen === undefined ? met : unmet(`no event for ${args.for}`, describeStream(seen))
  },
  draw: ({ to = 'subscriber', for: time }) => [{ actor: to, towards: 'none', text: `no event for ${time}` }],
})

const commentVerb = verb({
  name: 'comment',
  about: 'A comment arrives, and no event before it.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async (args, play) => {
    const signal = play.within(args.within)
    for (;;) {
      const seen = (await inboxOf(play, args.to ?? 'subscriber').next(signal))?.seen
      if (seen?.kind === 'comment') return met
      if (seen === undefined) return unmet('a comment', 'none in time', { late: true })
      if (seen.kind === 'event' || seen.kind === 'end' || seen.kind === 'malformed')
        return unmet('a comment', describeStream(seen))
    }
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'comment' }],
})

const retryVerb = verb({
  name: 'retry',
  about: 'The stream announces a reconnection time within these bounds, in milliseconds.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      within: Type.Optional(DurationText),
      least: Type.Optional(Type.Integer({ minimum: 0 })),
      most: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    closed,
  ),
  run: async ({ to = 'subscriber', within, least = 0, most = Infinity }, play) => {
    const subscription = subscriberOf(play, to)
    await subscription.exchange.until(() => subscription.reconnectionTime !== undefined, play.within(within))
    const time = subscription.reconnectionTime
    const wanted = `a reconnection time from ${least} to ${most} ms`
    if (time === undefined) return unmet(wanted, 'no retry field in time', { late: true })
    return time >= least && time <= most ? met : unmet(wanted, `${time} ms`)
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'reconnection time' }],
})

const reconnectedVerb = verb({
  name: 'reconnected',
  about:
    'The stock client lost its stream and has opened a new one, after the reconnection time that another subscriber was told.',
  expects: true,
  schema: Type.Object(
    { who: ActorName, 'as-announced-to': ActorName, within: Type.Optional(DurationText) },
    closed,
  ),
  run: async ({ who, 'as-announced-to': told, within }, play) => {
    const actor = play.actor(who)
    if (actor.kind !== 'stock-source') throw new UnknownActor(`"${who}" is not a stock client`)
    const announced = subscriberOf(play, told).reconnectionTime ?? 0
    const wanted = `a reconnection after the announced ${announced} ms`
    if (!(await actor.source.reopened(play.after(announced + play.bound(within)))))
      return unmet(wanted, actor.source.state, { late: true })
    const waited = Math.round(actor.source.reconnectedAfter ?? 0)
    return waited >= announced - timerGrainMs ? met : unmet(wanted, `one after ${waited} ms`)
  },
  draw: ({ who }) => [{ actor: who, towards: 'target', text: 'reconnects' }],
})

/** Timers may fire a few milliseconds early. */
const timerGrainMs = 20

export const eventStreamVerbs = [
  subscribeVerb,
  eventVerb,
  noEventVerb,
  commentVerb,
  retryVerb,
  reconnectedVerb,
]
