import { type Static, Type } from '@sinclair/typebox'
import { putInto } from '../../targets/cursor.ts'
import type { Address } from '../../targets/target.ts'
import {
  EventSubscription,
  type SubscriptionObservation,
  type SubscriptionOptions,
} from '../../wire/event-stream/subscription.ts'
import type { Inbox } from '../../wire/inbox.ts'
import { tooMany } from '../stage/expectations.ts'
import { type Play, UnknownActor } from '../stage/play.ts'
import { buildRequest, chopOf, opening, requestParts, sendRequest } from '../stage/request.ts'
import { streamHeaded } from './head.ts'
import { StockSource } from './stock-client.ts'
import { ActorName, closed, DurationText, met, type Outcome, unable, unmet, verb } from '../stage/verb.ts'

const subscribeSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    after: Type.Optional(Type.String({ description: 'The subscriber whose last event ID is sent' })),
    'last-event-id': Type.Optional(Type.String()),
    'id-field': Type.Optional(
      Type.String({ description: 'How the name of the field is written (default: Last-Event-ID)' }),
    ),
    'id-query': Type.Optional(
      Type.String({ description: 'An id for the query parameter that the description names' }),
    ),
    times: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, description: 'Opens so many; the name then means them all' }),
    ),
    via: Type.Optional(
      Type.Literal('eventsource', { description: 'The stock client, to see what a user of it sees' }),
    ),
    head: Type.Optional(
      Type.Literal('optional', {
        description:
          'Goes on when no header section has come in time, or one that is none of a stream: what is expected of it will tell',
      }),
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
    if (args.times === undefined) return subscribe(play, name, args)
    const names = Array.from({ length: args.times }, (_, index) => `${name} ${index + 1}`)
    const outcomes = await Promise.all(names.map((one) => subscribe(play, one, args)))
    return outcomes.find(({ kind }) => kind !== 'met') ?? met
  },
  draw: ({ as = 'subscriber', after }) => [
    {
      actor: as,
      towards: 'target',
      text: after === undefined ? 'subscribe' : `subscribe, Last-Event-ID of ${after}`,
    },
  ],
})

async function subscribe(play: Play, name: string, args: SubscribeArgs): Promise<Outcome> {
  const session = await play.session('sse')
  if (args.via === 'eventsource') return openStock(play, name, session)
  let outcome: Outcome = met
  const opened = await opening(async () => {
    outcome = await openRaw(play, name, args, session)
  })
  return opened.kind === 'met' ? outcome : opened
}

const accept = ['Accept', 'text/event-stream'] as const

async function openRaw(
  play: Play,
  name: string,
  args: SubscribeArgs,
  session: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const address = addressOf(play, session, args['id-query'])
  const id =
    args['last-event-id'] ?? (args.after === undefined ? '' : subscriberOf(play, args.after).lastEventId)
  const extra = [accept, ...(id === '' ? [] : [[args['id-field'] ?? 'Last-Event-ID', id] as const])]
  const exchange = await sendRequest(play, name, address, buildRequest(address, args, extra), {
    chop: chopOf(args.write),
  })
  const subscription = new EventSubscription(exchange, watched(play, address))
  play.add(name, { kind: 'subscriber', exchange, subscription })
  const isHeaded = await streamHeaded(play, exchange)
  if (args.head === 'optional') return met
  if (!isHeaded) return unable(`no answer to the subscription of "${name}" in time`, { again: true })
  const { head, completion } = exchange
  if (head?.status === 200) return met
  const got = head?.status ?? completion?.kind ?? 'nothing'
  return tooMany(head) ?? unable(`the subscription of "${name}" got ${got}, not 200`)
}

/** Notes what is wrong with ids, besides what the parser finds. */
export const watched = (play: Play, { url }: Address): SubscriptionOptions => ({
  limits: play.limits,
  onFinding: play.onFinding,
  skipsGreeting: play.target.description.sse?.greeting === true,
  onObservation: (seen) => {
    const carries = play.target.description.sse?.event
    if (seen.kind !== 'event' || (carries !== undefined && seen.type !== carries)) return
    const clash = play.ids.clash(url.pathname + url.search, seen)
    if (clash !== undefined) play.onFinding({ rule: 'sse-ids-unique', detail: clash })
  },
})

function addressOf(play: Play, session: Readonly<Record<string, string>>, id: string | undefined): Address {
  const address = play.target.address('sse', play.scope(session))
  const parameter = play.target.description.sse?.idQuery
  return id === undefined || parameter === undefined ? address : putInto(address, { query: parameter }, id)
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
    (what) => play.aside(name, what),
    () => play.transcript.now(),
  )
  play.atEnd(() => source.close())
  play.add(name, { kind: 'stock-source', source })
  return (await source.opened(play.within()))
    ? met
    : unable(`the stock client got no open event stream for "${name}"`, { again: true })
}

export function subscriberOf(play: Play, name: string): EventSubscription {
  const actor = play.actor(name)
  if (actor.kind !== 'subscriber') throw new UnknownActor(`"${name}" is not a subscriber of its own`)
  return actor.subscription
}

/** The observations of a subscriber, whoever reads the stream for it. */
export function inboxOf(play: Play, name: string): Inbox<SubscriptionObservation> {
  const actor = play.actor(name)
  if (actor.kind === 'subscriber') return actor.subscription.inbox
  if (actor.kind === 'stock-source') return actor.source.inbox
  throw new UnknownActor(`"${name}" is not a subscriber`)
}

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

const gaveUpVerb = verb({
  name: 'gave-up',
  about: 'The stock client has closed for good: it was told not to come back.',
  expects: true,
  schema: Type.Object({ who: ActorName, within: Type.Optional(DurationText) }, closed),
  run: async ({ who, within }, play) => {
    const actor = play.actor(who)
    if (actor.kind !== 'stock-source') throw new UnknownActor(`"${who}" is not a stock client`)
    return (await actor.source.gaveUp(play.within(within)))
      ? met
      : unmet('a client that is closed for good', `one that is ${actor.source.state}`, { late: true })
  },
  draw: ({ who }) => [{ actor: who, towards: 'none', text: 'closed for good' }],
})

export const eventStreamVerbs = [subscribeVerb, retryVerb, reconnectedVerb, gaveUpVerb]
