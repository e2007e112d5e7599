import type { Inbox } from '../../wire/inbox.ts'
import type { EventSubscription, SubscriptionObservation } from '../../wire/event-stream/subscription.ts'
import type { Exchange } from '../../wire/exchange.ts'
import { Actor, UnknownActor } from '../stage/actor.ts'
import type { Play } from '../stage/play.ts'
import { StockEventSource } from './stock-client.ts'

/** A client that reads an event stream with the kit's own parser. */
export class Subscriber extends Actor {
  static readonly kindName = "one of the kit's own subscribers"
  readonly subscription: EventSubscription

  constructor(name: string, subscription: EventSubscription) {
    super(name)
    this.subscription = subscription
  }

  override get exchange(): Exchange {
    return this.subscription.exchange
  }
}

/** The subscription of that name. Throws `UnknownActor`. */
export const subscriptionOf = (play: Play, name: string): EventSubscription =>
  play.actors.getAs(name, Subscriber).subscription

/** The observations of a subscriber, whether the kit or the stock client reads its stream. Throws `UnknownActor`. */
export function inboxOf(play: Play, name: string): Inbox<SubscriptionObservation> {
  const actor = play.actors.get(name)
  if (actor instanceof Subscriber) return actor.subscription.inbox
  if (actor instanceof StockEventSource) return actor.inbox
  throw new UnknownActor(`"${name}" is not a subscriber`)
}
