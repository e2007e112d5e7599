import { type Static, Type } from '@sinclair/typebox'
import { putInto } from '../../targets/cursor.ts'
import type { Address } from '../../targets/address.ts'
import { EventSubscription, type SubscriptionOptions } from '../../wire/event-stream/subscription.ts'
import { unableIfRateLimited, describeResponse } from '../language/expectations.ts'
import type { Play } from '../stage/play.ts'
import {
  buildRequest,
  chopSize,
  requestOverrides,
  sendRequest,
  unableUnlessConnected,
} from '../language/request.ts'
import { streamHeaded } from './head.ts'
import { KnownIds } from './known-ids.ts'
import { StockEventSource } from './stock-client.ts'
import { describeLastResponse } from './stock-client-verbs.ts'
import { Subscriber, subscriptionOf } from './subscriber.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const subscribeSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    after: Type.Optional(Type.String({ description: 'The subscriber whose last event ID is sent' })),
    'last-event-id': Type.Optional(Type.String({ description: 'The last event ID that is sent' })),
    'id-field': Type.Optional(
      Type.String({ description: 'The name of the field as it is written (default: Last-Event-ID)' }),
    ),
    'id-query': Type.Optional(
      Type.String({
        description: 'A last event ID for the query parameter that the target description names',
      }),
    ),
    times: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200,
        description: 'Opens this many subscribers; the name then stands for all of them',
      }),
    ),
    via: Type.Optional(
      Type.Literal('eventsource', {
        description: 'Uses the stock EventSource client, to observe what its users see',
      }),
    ),
    head: Type.Optional(
      Type.Union([Type.Literal('optional'), Type.Literal('later')], {
        description:
          'Continues even if no header section arrives in time (`optional`) or without waiting for it (`later`), and whatever its status is; later steps judge this',
      }),
    ),
    ...requestOverrides,
  },
  closed,
)
type SubscribeArgs = Static<typeof subscribeSchema>

const subscribeVerb = verb({
  name: 'subscribe',
  about: 'Opens an event stream and waits for its header section.',
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
  const session = await play.openSession('sse')
  if (args.via === 'eventsource') return openStockClient(play, name, session)
  let outcome: Outcome = met
  const opened = await unableUnlessConnected(async () => {
    outcome = await openOwn(play, name, args, session)
  })
  return opened.kind === 'met' ? outcome : opened
}

const accept = ['Accept', 'text/event-stream'] as const

async function openOwn(
  play: Play,
  name: string,
  args: SubscribeArgs,
  session: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const address = addressOf(play, session, args['id-query'])
  const id =
    args['last-event-id'] ?? (args.after === undefined ? '' : subscriptionOf(play, args.after).lastEventId)
  const extra = [accept, ...(id === '' ? [] : [[args['id-field'] ?? 'Last-Event-ID', id] as const])]
  const exchange = await sendRequest(play, name, address, buildRequest(address, args, extra), {
    chop: chopSize(args.write),
  })
  const subscription = new EventSubscription(exchange, subscriptionOptions(play, address))
  play.actors.add(new Subscriber(name, subscription))
  if (args.head === 'later') return met
  const isHeaded = await streamHeaded(play, exchange)
  if (args.head === 'optional') return met
  if (!isHeaded) return unable(`no response to the subscription of "${name}" in time`, { retryMayHelp: true })
  const { head, completion } = exchange
  if (head?.status === 200) return met
  return (
    unableIfRateLimited(head) ??
    unable(`the subscription of "${name}" got ${describeResponse(head, completion)}, not 200`)
  )
}

/** Reports events that reuse an id, in addition to the findings of the parser. */
export const subscriptionOptions = (play: Play, { url }: Address): SubscriptionOptions => ({
  limits: play.limits,
  onFinding: play.onFinding,
  skipsGreeting: play.target.description.sse?.greeting === true,
  onObservation: (seen) => {
    const updateType = play.target.description.sse?.event
    if (seen.kind !== 'event' || (updateType !== undefined && seen.type !== updateType)) return
    const detail = play.memory.of(KnownIds).describeReuse(url.pathname + url.search, seen)
    if (detail !== undefined) play.onFinding({ rule: 'sse-ids-unique', detail })
  },
})

function addressOf(play: Play, session: Readonly<Record<string, string>>, id: string | undefined): Address {
  const address = play.target.address('sse', play.identity.scope(session))
  const parameter = play.target.description.sse?.idQuery
  return id === undefined || parameter === undefined ? address : putInto(address, { query: parameter }, id)
}

async function openStockClient(
  play: Play,
  name: string,
  session: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const address = play.target.address('sse', play.identity.scope(session))
  play.connections.count()
  const source = new StockEventSource(name, address, {
    target: play.target,
    limits: play.limits,
    note: (what) => play.notes.addUnreplayable(name, what),
    now: () => play.transcript.now(),
  })
  play.cleanup.atEnd(() => source.close())
  play.actors.add(source)
  return (await source.opened(play.bounds.within()))
    ? met
    : unable(
        `the stock client could not open an event stream for "${name}": ${describeLastResponse(source)}`,
        { retryMayHelp: true },
      )
}

const retryVerb = verb({
  name: 'retry',
  about: 'The stream announces a reconnection time within these bounds.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      within: Type.Optional(DurationText),
      least: Type.Optional(Type.Integer({ minimum: 0, description: 'Milliseconds (default 0)' })),
      most: Type.Optional(Type.Integer({ minimum: 0, description: 'Milliseconds (default: no bound)' })),
    },
    closed,
  ),
  run: async ({ to = 'subscriber', within, least = 0, most = Infinity }, play) => {
    const subscription = subscriptionOf(play, to)
    await subscription.exchange.until(
      () => subscription.reconnectionTime !== undefined,
      play.bounds.within(within),
    )
    const time = subscription.reconnectionTime
    const wanted = `a reconnection time of at least ${least} ms${most === Infinity ? '' : ` and at most ${most} ms`}`
    if (time === undefined) return unmet(wanted, 'no retry field in time', { late: true })
    return time >= least && time <= most ? met : unmet(wanted, `${time} ms`)
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'reconnection time' }],
})

export const eventStreamVerbs = [subscribeVerb, retryVerb]
