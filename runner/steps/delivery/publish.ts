import { Type } from '@sinclair/typebox'
import { publish } from '../../targets/hooks/publish.ts'
import { HookFailed } from '../../targets/errors/hook-failed.ts'
import { isLate } from '../../targets/errors/unreachable.ts'
import { bound } from '../../wire/deadline.ts'
import { payload } from '../../wire/bytes/payload.ts'
import type { Play } from '../stage/play.ts'
import { pollerOf } from '../polling/poller.ts'
import { owe } from './expected-updates.ts'
import { ActorName, closed, DurationText, PayloadText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

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
    if (args.pause !== undefined) await passed(play, play.bounds.milliseconds(args.pause))
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
    channel: channel === 'own' ? play.identity.channel : play.identity.otherChannel,
    nonce: play.identity.nonce,
    data,
    ...(type === undefined ? {} : { type }),
    ...(id === undefined ? {} : { id }),
  }
  play.publications.add(data)
  play.publications.lastAt = play.transcript.now()
  owe(play, update.channel, data)
  const done = publish(play.target, update, play.bounds.within('10s'), play.notes.watch('publisher')).then(
    () => {},
  )
  done.catch(() => undefined)
  play.publications.pending.push(done)
  try {
    if (wait) await Promise.all(play.publications.pending.splice(0))
    return met
  } catch (error) {
    if (!(error instanceof HookFailed)) throw error
    if (args['may-refuse'] !== true) return unable(error.message, { retryMayHelp: isLate(error.cause) })
    play.notes.add('publisher', `refused: ${error.message}`)
    play.publications.refused.add(data)
    return met
  }
}

/** The moment at which the hold of a poll is to end, moved by the given time. */
async function untilNear(
  play: Play,
  { timeout, early, late }: { timeout: string; early?: string; late?: string },
): Promise<void> {
  const { exchange, poll } = pollerOf(play, timeout)
  const shift =
    (late === undefined ? 0 : play.bounds.milliseconds(late)) -
    (early === undefined ? 0 : play.bounds.milliseconds(early))
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
      await Promise.all(play.publications.pending.splice(0))
      return met
    } catch (error) {
      if (error instanceof HookFailed) return unable(error.message, { retryMayHelp: isLate(error.cause) })
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
    const failures = (await Promise.allSettled(play.publications.pending.splice(0))).flatMap((done) =>
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
