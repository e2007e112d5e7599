import { Type } from '@sinclair/typebox'
import { publish } from '../../targets/hooks/publish.ts'
import { HookFailed } from '../../targets/errors/hook-failed.ts'
import type { Play } from '../stage/play.ts'
import { pollerOf } from '../polling/poller.ts'
import { ActorName, closed, DurationText, PayloadText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { deadline } from '../../wire/deadline.ts'
import { encodePayload } from '../../wire/bytes/payload.ts'
import { Channel, channelOf } from './channel.ts'
import { expectUpdate } from './expected-updates.ts'
import { isTimeOut } from '../../targets/errors/unreachable.ts'

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
      type: Type.Optional(Type.String({ description: 'The event type, where the publish hook can set it' })),
      id: Type.Optional(Type.String({ description: 'The event ID, where the publish hook can set it' })),
      channel: Type.Optional(Channel),
      wait: Type.Optional(
        Type.Boolean({
          description: 'Whether the next step waits until the target has accepted the update (default: true)',
        }),
      ),
      pause: Type.Optional(
        Type.String({
          ...DurationText,
          description: 'Waits this long before publishing, so that the clock of the target has advanced',
        }),
      ),
      around: Type.Optional(
        Type.Object(
          { timeout: ActorName, early: Type.Optional(DurationText), late: Type.Optional(DurationText) },
          {
            ...closed,
            description:
              'Waits until the hold of the poll `timeout` times out; `early` and `late` move this moment',
          },
        ),
      ),
      numbered: Type.Optional(
        Type.Integer({
          minimum: 1,
          description: 'Publishes this many updates one after the other: "data 1", "data 2"…',
        }),
      ),
      'may-refuse': Type.Optional(
        Type.Boolean({
          description:
            'The target may refuse the update; an `event` step with exactly this update is then met',
        }),
      ),
      'if-possible': Type.Optional(
        Type.Boolean({ description: 'Does nothing if the target description has no `publish`' }),
      ),
    },
    closed,
  ),
  run: async (args, play) => {
    if (args['if-possible'] === true && play.target.description.publish === undefined) return met
    const text = Buffer.from(encodePayload(args.data)).toString()
    if (args.pause !== undefined) await pauseFor(play, play.bounds.milliseconds(args.pause))
    if (args.around !== undefined) await untilTimeout(play, args.around)
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
  const { type, id, channel, wait = true } = args
  const update = {
    channel: channelOf(play, channel),
    nonce: play.identity.nonce,
    data,
    ...(type === undefined ? {} : { type }),
    ...(id === undefined ? {} : { id }),
  }
  play.publications.add(data)
  const ended = play.publications.begin(play.transcript.now())
  expectUpdate(play, update.channel, data)
  const done = publish(play.target, update, play.bounds.within('10s'), play.notes.watch('publisher')).then(
    () => {},
  )
  done.catch(() => undefined).finally(() => ended(play.transcript.now()))
  play.publications.pending.push(done)
  try {
    if (wait) await Promise.all(play.publications.pending.splice(0))
    return met
  } catch (error) {
    if (!(error instanceof HookFailed)) throw error
    if (args['may-refuse'] !== true) return unable(error.message, { retryMayHelp: isTimeOut(error.cause) })
    play.notes.add('publisher', `refused: ${error.message}`)
    play.publications.refused.add(data)
    return met
  }
}

/** Waits for the moment at which the hold of a poll times out, moved by the given times. */
async function untilTimeout(
  play: Play,
  { timeout, early, late }: { timeout: string; early?: string; late?: string },
): Promise<void> {
  const { exchange, poll } = pollerOf(play, timeout)
  const shift =
    (late === undefined ? 0 : play.bounds.milliseconds(late)) -
    (early === undefined ? 0 : play.bounds.milliseconds(early))
  const end = exchange.sentAt + (poll.holdMs ?? 0) + shift
  await pauseFor(play, end - exchange.connection.wire.now())
}

/** Waits for `ms` milliseconds, or until the case is aborted. */
async function pauseFor(play: Play, ms: number): Promise<void> {
  const { signal } = deadline(Math.max(0, ms), play.signal)
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

const publishedVerb = verb({
  name: 'published',
  about: 'Waits until the target has accepted every update that was published without waiting.',
  expects: false,
  schema: Type.Object({}, closed),
  run: async (_args, play) => {
    try {
      await Promise.all(play.publications.pending.splice(0))
      return met
    } catch (error) {
      if (error instanceof HookFailed) return unable(error.message, { retryMayHelp: isTimeOut(error.cause) })
      throw error
    }
  },
  draw: () => [{ actor: 'publisher', towards: 'none', text: 'all updates accepted' }],
})

const takenVerb = verb({
  name: 'taken',
  about:
    'The target responds to every publisher that was not waited for, even while it is busy otherwise. A response that refuses an update makes the case inconclusive.',
  expects: true,
  schema: Type.Object({}, closed),
  run: async (_args, play) => {
    const failures = (await Promise.allSettled(play.publications.pending.splice(0))).flatMap((done) =>
      done.status === 'rejected' ? [done.reason as unknown] : [],
    )
    // A failure without a cause is a response that refuses the update.
    const unanswered = failures.find((error) => error instanceof HookFailed && error.cause !== undefined)
    if (unanswered instanceof HookFailed)
      return unmet('a response to every publisher', unanswered.message, { late: true })
    const [failure] = failures
    if (failure === undefined) return met
    if (failure instanceof HookFailed) return unable(failure.message)
    throw failure
  },
  draw: () => [{ actor: 'publisher', towards: 'kit', text: 'responses to all publishers' }],
})

export const publishVerbs = [publishVerb, publishedVerb, takenVerb]
