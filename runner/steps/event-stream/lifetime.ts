import { Type } from '@sinclair/typebox'
import { milliseconds } from '../../documents/duration.ts'
import { readFrom } from '../../targets/cursor.ts'
import { callHook } from '../../targets/hooks/publish.ts'
import { inboxOf, subscriptionOf } from './subscriber.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { idleMs } from '../language/idle.ts'
import { met, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import {
  describeSubscriptionObservation,
  type EventSubscription,
} from '../../wire/event-stream/subscription.ts'
import { sendOwnRequest } from '../../targets/request.ts'

/** An interval may be this many times as long as declared: timers and networks are not exact. */
const intervalTolerance = 1.5

const keptAliveVerb = verb({
  name: 'kept-alive',
  about:
    'The idle stream carries a keep-alive within the interval that the target description declares: a comment, an empty line, or anything else.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      times: Type.Optional(
        Type.Integer({ minimum: 1, description: 'In this many intervals, one after the other (default 1)' }),
      ),
    },
    closed,
  ),
  run: async ({ to = 'subscriber', times = 1 }, play) => {
    const { keepAlive } = play.target.description.sse ?? {}
    if (keepAlive === undefined) return unable('the description declares no keepAlive')
    const subscription = subscriptionOf(play, to)
    const wanted = `a keep-alive every ${keepAlive}`
    for (let count = 0; count < times; count++) {
      const before = subscription.received
      const interval = milliseconds(keepAlive) * intervalTolerance + play.bounds.milliseconds('1s')
      await subscription.exchange.until(
        () => subscription.received > before || subscription.isFinished,
        play.bounds.after(interval),
      )
      if (subscription.isFinished) return unmet(wanted, describeEndOfStream(subscription))
      if (subscription.received === before) return unmet(wanted, 'nothing in time', { late: true })
    }
    return met
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'keep-alive' }],
})

const quietVerb = verb({
  name: 'quiet',
  about:
    'The stream stays open for two keep-alive intervals, and no event of the type that carries updates arrives.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName) }, closed),
  run: async ({ to = 'subscriber' }, play) => {
    const { keepAlive = '0ms', event } = play.target.description.sse ?? {}
    const signal = play.bounds.after(milliseconds(keepAlive) * 2)
    for (;;) {
      const seen = (await inboxOf(play, to).next(signal))?.seen
      if (seen === undefined) return met
      const isUpdate = seen.kind === 'event' && (event === undefined || seen.type === event)
      if (isUpdate || seen.kind === 'end' || seen.kind === 'malformed')
        return unmet('nothing but keep-alives', describeSubscriptionObservation(seen))
    }
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'none', text: 'no event' }],
})

const endStreamsVerb = verb({
  name: 'end-streams',
  about:
    'Makes the target end the event streams of the channel in an orderly way: `now` until clients reconnect, or for `good` because no more events will follow.',
  expects: false,
  schema: Type.Object({ for: Type.Union([Type.Literal('now'), Type.Literal('good')]) }, closed),
  run: async ({ for: time }, play) => {
    const { end, finish } = play.target.description.sse ?? {}
    const hook = time === 'now' ? end : finish
    if (hook === undefined) return unable(`the description has no hook to end streams for ${time}`)
    await callHook(
      play.target,
      time === 'now' ? 'end' : 'finish',
      hook,
      play.identity.scope(),
      play.bounds.within('10s'),
      play.notes.watch('publisher'),
    )
    return met
  },
  draw: ({ for: time }) => [{ actor: 'publisher', towards: 'target', text: `end the streams for ${time}` }],
})

const streamEndedVerb = verb({
  name: 'stream-ended',
  about:
    'The stream ends as a complete response: with its last chunk, or with the end of the connection if that frames it. Events before the end are ignored, but none may be left unfinished.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      mark: Type.Optional(
        Type.Boolean({
          description: 'The framing must mark the end: the end of the connection alone is not enough',
        }),
      ),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ to = 'subscriber', mark = false, within }, play) => {
    const subscription = subscriptionOf(play, to)
    const wanted = mark ? 'an end that the framing marks' : 'a complete response'
    if (!(await subscription.finished(play.bounds.within(within))))
      return unmet(wanted, 'no end in time', { late: true })
    const { completion } = subscription.exchange
    if (completion?.kind !== 'complete') return unmet(wanted, completion?.what ?? 'no end')
    const { unfinishedEvent } = subscription
    if (unfinishedEvent !== undefined) return unmet('an end after a complete event', unfinishedEvent)
    return mark && completion.framing === 'close'
      ? unmet(wanted, 'only the end of the connection, which may also be a failure')
      : met
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'end of the stream' }],
})

const streamLastsVerb = verb({
  name: 'stream-lasts',
  about:
    'The stream does not end within the given time, neither the response nor the connection. If the target sends events on its own (`emits`), a stream may end after its events. With `idle` the time is at most the one that the target description declares.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      for: Type.Union([DurationText, Type.Literal('idle')], {
        description: 'A duration, or `idle`: as long as an idle stream stays open, but no longer than 11s',
      }),
    },
    closed,
  ),
  run: async ({ to = 'subscriber', for: time }, play) => {
    const { idle, emits } = play.target.description.sse ?? {}
    const subscription = subscriptionOf(play, to)
    const bound = idleMs(play, idle, time === 'idle' ? undefined : time)
    const startedAt = play.transcript.now()
    const ended = await subscription.finished(play.bounds.after(bound))
    if (!ended || (emits === true && subscription.firstEvent !== undefined)) return met
    const waited = `${((play.transcript.now() - startedAt) / 1000).toFixed(1)} s`
    const wanted =
      idle === undefined ? 'a stream that stays open' : `a stream that stays open for ${idle} when idle`
    return unmet(wanted, `${describeEndOfStream(subscription)}, after ${waited}`)
  },
  draw: ({ to = 'subscriber', for: time }) => [{ actor: to, towards: 'none', text: `open for ${time}` }],
})

/** How a finished stream has ended, in words. */
const describeEndOfStream = ({ how }: EventSubscription): string =>
  describeSubscriptionObservation({ kind: 'end', how: how ?? 'unknown' })

const subscribedVerb = verb({
  name: 'subscribed',
  about: 'The target reports this number of open event streams on the channel of the case.',
  expects: true,
  schema: Type.Object({ count: Type.Integer({ minimum: 0 }), within: Type.Optional(DurationText) }, closed),
  run: async ({ count, within }, play) => {
    const hook = play.target.description.sse?.waiters
    if (hook === undefined) return unable('the description does not say how open streams are counted')
    const address = play.target.request(hook.request, play.identity.scope())
    const signal = play.bounds.within(within)
    let reported: string | undefined
    while (!signal.aborted) {
      const response = await sendOwnRequest(play.target, address, signal).catch(() => undefined)
      reported = response === undefined ? reported : readFrom(hook.count, response)
      if (reported === String(count)) return met
    }
    if (reported === undefined) return unable('the target does not report how many streams are open')
    return unmet(`a report of ${count} open streams`, `a report of ${reported}`, { late: true })
  },
  draw: ({ count }) => [{ actor: 'kit', towards: 'none', text: `${count} open streams` }],
})

export const streamLifeVerbs = [
  streamLastsVerb,
  subscribedVerb,
  keptAliveVerb,
  quietVerb,
  endStreamsVerb,
  streamEndedVerb,
]
