import { Type } from '@sinclair/typebox'
import { milliseconds } from '../../documents/duration.ts'
import { readFrom } from '../../targets/cursor.ts'
import { sendOwnRequest } from '../../targets/request.ts'
import { callHook } from '../../targets/hooks/publish.ts'
import { inboxOf, subscriberOf } from './subscribe.ts'
import { describeStream } from '../../wire/event-stream/subscription.ts'
import { ActorName, closed, DurationText, met, unable, unmet, verb } from '../stage/verb.ts'

/** How much longer than declared an interval may be: timers and networks are not exact. */
const leeway = 1.5

const keptAliveVerb = verb({
  name: 'kept-alive',
  about:
    'The idle stream gives a sign of life (a comment, a block of any kind) within the interval that the description declares, so many times.',
  expects: true,
  schema: Type.Object(
    { to: Type.Optional(ActorName), times: Type.Optional(Type.Integer({ minimum: 1 })) },
    closed,
  ),
  run: async ({ to = 'subscriber', times = 1 }, play) => {
    const { keepAlive } = play.target.description.sse ?? {}
    if (keepAlive === undefined) return unable('the description declares no keepAlive')
    const inbox = inboxOf(play, to)
    const wanted = `a sign of life every ${keepAlive}`
    for (let count = 0; count < times; count++) {
      const seen = (await inbox.next(play.after(milliseconds(keepAlive) * leeway + play.bound('1s'))))?.seen
      if (seen === undefined) return unmet(wanted, 'silence', { late: true })
      if (seen.kind === 'end' || seen.kind === 'malformed') return unmet(wanted, describeStream(seen))
      inbox.skip()
    }
    return met
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'sign of life' }],
})

const quietVerb = verb({
  name: 'quiet',
  about: 'For as long as two keep-alive intervals the stream stays open and dispatches nothing.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName) }, closed),
  run: async ({ to = 'subscriber' }, play) => {
    const { keepAlive = '0ms', event } = play.target.description.sse ?? {}
    const signal = play.after(milliseconds(keepAlive) * 2)
    for (;;) {
      const seen = (await inboxOf(play, to).next(signal))?.seen
      if (seen === undefined) return met
      const isUpdate = seen.kind === 'event' && (event === undefined || seen.type === event)
      if (isUpdate || seen.kind === 'end' || seen.kind === 'malformed')
        return unmet('nothing but keep-alives', describeStream(seen))
    }
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'none', text: 'no event' }],
})

const endStreamsVerb = verb({
  name: 'end-streams',
  about:
    'Makes the target end its streams of the channel in an orderly way: for now, or for good, because nothing more will come.',
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
      play.scope(),
      play.within('10s'),
      play.watch('publisher'),
    )
    return met
  },
  draw: ({ for: time }) => [{ actor: 'publisher', towards: 'target', text: `end the streams for ${time}` }],
})

const streamEndedVerb = verb({
  name: 'stream-ended',
  about:
    'The stream comes to its end: whole, with its last chunk or with the end of a connection that frames it. What comes before the end is passed over, but no event may be left unfinished.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      mark: Type.Optional(
        Type.Boolean({ description: 'The end must be marked: a bare end of the connection is not enough' }),
      ),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ to = 'subscriber', mark = false, within }, play) => {
    const { exchange } = subscriberOf(play, to)
    const wanted = mark ? 'an end that is marked as one' : 'a whole response'
    if (!(await exchange.completed(play.within(within)))) return unmet(wanted, 'no end', { late: true })
    const { completion } = exchange
    if (completion?.kind !== 'complete') return unmet(wanted, completion?.what ?? 'no end')
    const unfinished = play.findings.find(({ rule }) => rule === 'sse-unfinished-event-lost')
    if (unfinished !== undefined) return unmet('an end after a whole event', unfinished.detail)
    return mark && completion.framing === 'close'
      ? unmet(wanted, 'the end of the connection, which may be a fault as well')
      : met
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'end of the stream' }],
})

const subscribedVerb = verb({
  name: 'subscribed',
  about: 'The target says that so many streams are open on the channel of the case.',
  expects: true,
  schema: Type.Object({ count: Type.Integer({ minimum: 0 }), within: Type.Optional(DurationText) }, closed),
  run: async ({ count, within }, play) => {
    const hook = play.target.description.sse?.waiters
    if (hook === undefined) return unable('the description does not say how streams are counted')
    const address = play.target.request(hook.request, play.scope())
    const signal = play.within(within)
    let last: string | undefined
    while (!signal.aborted) {
      const answer = await sendOwnRequest(play.target, address, signal).catch(() => undefined)
      last = answer === undefined ? last : readFrom(hook.count, answer)
      if (last === String(count)) return met
    }
    if (last === undefined) return unable('the target does not say how many streams are open')
    return unmet(`${count} open streams, as the target counts`, last, { late: true })
  },
  draw: ({ count }) => [{ actor: 'kit', towards: 'none', text: `${count} open streams` }],
})

export const streamLifeVerbs = [subscribedVerb, keptAliveVerb, quietVerb, endStreamsVerb, streamEndedVerb]
