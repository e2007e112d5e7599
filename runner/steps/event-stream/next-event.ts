import { carriesUpdates, updatesOf } from '../../targets/cursor.ts'
import { NotAsDescribed } from '../../targets/errors/not-as-described.ts'
import type { SubscriptionObservation } from '../../wire/event-stream/subscription.ts'
import { inboxOf, Subscriber } from './subscriber.ts'
import { describeResponse, type TextExpectation, textMeets } from '../language/expectations.ts'
import type { Play } from '../stage/play.ts'

/**
 * The next event that carries an update, as the description declares; or the end of the stream, or bytes that cannot
 * be read. Undefined if none of them arrives before `signal` aborts.
 */
export async function nextEvent(
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

/** Whether the data of an event is one update that meets the expectation. */
export function updateMeets(wanted: TextExpectation, data: string, play: Play): boolean {
  try {
    const updates = updatesOf(play.target.description.sse?.update, data)
    return updates.length === 1 && textMeets(wanted, updates[0] ?? '')
  } catch (error) {
    if (error instanceof NotAsDescribed) return false
    throw error
  }
}

/** A hint for an event that is first on its stream and older than the first publish: it may be a greeting. */
export function greetingHint(play: Play, name: string, seen: SubscriptionObservation): string {
  const actor = play.actors.get(name)
  const first = actor instanceof Subscriber ? actor.subscription.firstEvent : undefined
  return first?.seen === seen && first.at < (play.publications.lastAt ?? 0)
    ? '; if every stream begins with such an event, write greeting: true under sse'
    : ''
}

/** Describes a response that is not an event stream, by its status. */
export const describeRefusal = (play: Play, name: string): string | undefined => {
  const actor = play.actors.get(name)
  const head = actor instanceof Subscriber ? actor.exchange.head : undefined
  return head === undefined || head.status === 200
    ? undefined
    : `${describeResponse(head, undefined)} instead of an event stream`
}

/** Describes that no event arrived. Not one byte on an open stream hints at an intermediary that buffers. */
export function describeMissingEvent(play: Play, name: string): string {
  const actor = play.actors.get(name)
  if (actor instanceof Subscriber && actor.exchange.head === undefined)
    return 'no event in time, and no header section either'
  return actor instanceof Subscriber && actor.subscription.received === 0
    ? `no event in time, and no byte after the header section either: ${bufferingHint}`
    : 'no event in time'
}

const bufferingHint =
  'if the server has sent the event, an intermediary holds it back (a proxy that buffers or compresses)'
