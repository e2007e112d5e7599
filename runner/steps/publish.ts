import { Type } from '@sinclair/typebox'
import { HookFailed, publish } from '../target/publish.ts'
import { payload } from '../wire/bytes.ts'
import { bound } from '../wire/bound.ts'
import type { Play } from './play.ts'
import { polled } from './poll.ts'
import { ActorName, closed, DurationText, met, PayloadText, unable, verb } from './verb.ts'

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
      around: Type.Optional(
        Type.Object(
          { timeout: ActorName, early: Type.Optional(DurationText), late: Type.Optional(DurationText) },
          {
            ...closed,
            description: 'Waits until the hold of that poll is just about to time out, or just has',
          },
        ),
      ),
    },
    closed,
  ),
  run: async ({ data, type, id, channel = 'own', wait = true, around }, play) => {
    const update = {
      channel: channel === 'own' ? play.channel : `${play.channel}-other`,
      nonce: play.nonce,
      data: Buffer.from(payload(data)).toString(),
      ...(type === undefined ? {} : { type }),
      ...(id === undefined ? {} : { id }),
    }
    play.publishes(update.data)
    if (around !== undefined) await untilNear(play, around)
    play.publishedAt = play.transcript.now()
    const done = publish(play.target, update, play.within('10s')).then(() =>
      play.note(
        'publisher',
        `published ${update.data.length} characters${channel === 'own' ? '' : ' on another channel'}`,
      ),
    )
    done.catch(() => undefined)
    play.publishing.push(done)
    try {
      if (wait) await Promise.all(play.publishing.splice(0))
      return met
    } catch (error) {
      if (error instanceof HookFailed) return unable(error.message)
      throw error
    }
  },
  draw: ({ channel = 'own' }) => [
    {
      actor: 'publisher',
      towards: 'target',
      text: channel === 'own' ? 'publish' : 'publish on another channel',
    },
  ],
})

/** The moment at which the hold of a poll is to end, moved by the given time. */
async function untilNear(
  play: Play,
  { timeout, early, late }: { timeout: string; early?: string; late?: string },
): Promise<void> {
  const { exchange, poll } = polled(play, timeout)
  const shift = (late === undefined ? 0 : play.bound(late)) - (early === undefined ? 0 : play.bound(early))
  const end = exchange.sentAt + (poll.holdMs ?? 0) + shift
  const { signal } = bound(Math.max(0, end - exchange.connection.wire.now()), play.signal)
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
      if (error instanceof HookFailed) return unable(error.message)
      throw error
    }
  },
  draw: () => [{ actor: 'publisher', towards: 'none', text: 'all is published' }],
})

export const publishVerbs = [publishVerb, publishedVerb]
