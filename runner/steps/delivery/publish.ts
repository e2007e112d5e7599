import { Type } from '@sinclair/typebox'
import { publish } from '../../targets/hooks/publish.ts'
import { HookFailed } from '../../targets/errors/hook-failed.ts'
import { isTimeOut } from '../../targets/errors/unreachable.ts'
import { bound } from '../../wire/bound.ts'
import { payload } from '../../wire/bytes/bytes.ts'
import type { Play } from '../stage/play.ts'
import { polled } from '../polling/poll.ts'
import { owe } from './receiver.ts'
import {
  ActorName,
  closed,
  DurationText,
  met,
  type Outcome,
  PayloadText,
  unable,
  unmet,
  verb,
} from '../stage/verb.ts'

interface PublishArgs {
  readonly type?: string
  readonly id?: string
  readonly channel?: 'own' | 'other'
  readonly wait?: boolean
  readonly 'may-refuse'?: boolean
}

const publishVerb = verb({
  name: 'publish',
  about: 'Makes the target publish an update on the channel of the case, or on another one.',
  expects: false,
  schema: Type.Object(
    {
      data: PayloadText,
      type: Type.Optional(Type.String()),
      id: Type.Optional(Type.String()),
      channel: Type.Optional(Type.Union([Type.Literal('own'), Type.Literal('other')])),
      wait: Type.Optional(
        Type.Boolean({ description: 'Whether the next step waits until the target has taken it (default)' }),
      ),
      pause: Type.Optional(
        Type.String({
          ...DurationText,
          description: 'Waits so long before, where one tick of a clock is too short',
        }),
      ),
      around: Type.Optional(
        Type.Object(
          { timeout: ActorName, early: Type.Optional(DurationText), late: Type.Optional(DurationText) },
          {
            ...closed,
            description: 'Waits until the hold of that poll is just about to time out, or just has',
          },
        ),
      ),
      numbered: Type.Optional(
        Type.Integer({ minimum: 1, description: 'So many updates one after the other: "data 1", "data 2"…' }),
      ),
      'may-refuse': Type.Optional(
        Type.Boolean({
          description: 'The target may refuse it; an expectation of just this update then holds',
        }),
      ),
    },
    closed,
  ),
  run: async (args, play) => {
    const text = Buffer.from(payload(args.data)).toString()
    if (args.pause !== undefined) await passed(play, play.bound(args.pause))
    if (args.around !== undefined) await untilNear(play, args.around)
    if (args.numbered === undefined) return publishOne(play, args, text)
    for (let number = 1; number <= args.numbered; number++) {
      const outcome = await publishOne(play, args, `${text} ${number}`)
      if (outcome.kind !== 'met') return outcome
    }
    return met
  },
  draw: ({ channel = 'own' }) => [
    {
      actor: 'publisher',
      towards: 'target',
      text: channel === 'own' ? 'publish' : 'publish on another channel',
    },
  ],
})

async function publishOne(play: Play, args: PublishArgs, data: string): Promise<Outcome> {
  const { type, id, channel = 'own', wait = true } = args
  const update = {
    channel: channel === 'own' ? play.channel : `${play.channel}-other`,
    nonce: play.nonce,
    data,
    ...(type === undefined ? {} : { type }),
    ...(id === undefined ? {} : { id }),
  }
  play.publishes(data)
  play.publishedAt = play.transcript.now()
  owe(play, update.channel, data)
  const done = publish(play.target, update, play.within('10s'), play.watch('publisher')).then(() => {})
  done.catch(() => undefined)
  play.publishing.push(done)
  try {
    if (wait) await Promise.all(play.publishing.splice(0))
    return met
  } catch (error) {
    if (!(error instanceof HookFailed)) throw error
    if (args['may-refuse'] !== true) return unable(error.message, { again: isTimeOut(error.cause) })
    play.note('publisher', `refused: ${error.message}`)
    play.refused.add(data)
    return met
  }
}

/** The moment at which the hold of a poll is to end, moved by the given time. */
async function untilNear(
  play: Play,
  { timeout, early, late }: { timeout: string; early?: string; late?: string },
): Promise<void> {
  const { exchange, poll } = polled(play, timeout)
  const shift = (late === undefined ? 0 : play.bound(late)) - (early === undefined ? 0 : play.bound(early))
  const end = exchange.sentAt + (poll.holdMs ?? 0) + shift
  await passed(play, end - exchange.connection.wire.now())
}

/** Waits for so many milliseconds, or until the case is over. */
async function passed(play: Play, ms: number): Promise<void> {
  const { signal } = bound(Math.max(0, ms), play.signal)
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

const publishedVerb = verb({
  name: 'published',
  about: 'Waits until the target has taken all that was published without waiting.',
  expects: false,
  schema: Type.Object({}, closed),
  run: async (_args, play) => {
    try {
      await Promise.all(play.publishing.splice(0))
      return met
    } catch (error) {
      if (error instanceof HookFailed) return unable(error.message, { again: isTimeOut(error.cause) })
      throw error
    }
  },
  draw: () => [{ actor: 'publisher', towards: 'none', text: 'all is published' }],
})

const takenVerb = verb({
  name: 'taken',
  about:
    'The target answers all publishers that were not waited for, whatever else keeps it busy. What it answers is not looked at.',
  expects: true,
  schema: Type.Object({}, closed),
  run: async (_args, play) => {
    const failures = (await Promise.allSettled(play.publishing.splice(0))).flatMap((done) =>
      done.status === 'rejected' ? [done.reason as unknown] : [],
    )
    // An answer that says no has no cause.
    const unanswered = failures.find((error) => error instanceof HookFailed && error.cause !== undefined)
    if (unanswered instanceof HookFailed)
      return unmet('an answer to every publisher', unanswered.message, { late: true })
    const [failure] = failures
    if (failure === undefined) return met
    if (failure instanceof HookFailed) return unable(failure.message)
    throw failure
  },
  draw: () => [{ actor: 'publisher', towards: 'kit', text: 'all is taken' }],
})

export const publishVerbs = [publishVerb, publishedVerb, takenVerb]
