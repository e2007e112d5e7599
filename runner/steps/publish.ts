import { Type } from '@sinclair/typebox'
import { HookFailed, publish } from '../target/publish.ts'
import { payload } from '../wire/bytes.ts'
import type { Play } from './play.ts'
import { closed, met, type Outcome, PayloadText, unable, verb } from './verb.ts'

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

interface PublishArgs {
  readonly type?: string
  readonly id?: string
  readonly channel?: 'own' | 'other'
  readonly 'may-refuse'?: boolean
}

async function publishOne(play: Play, args: PublishArgs, data: string): Promise<Outcome> {
  const { type, id, channel = 'own' } = args
  const update = {
    channel: channel === 'own' ? play.channel : `${play.channel}-other`,
    nonce: play.nonce,
    data,
    ...(type === undefined ? {} : { type }),
    ...(id === undefined ? {} : { id }),
  }
  try {
    await publish(play.target, update, play.within('10s'))
    play.note(
      'publisher',
      `published ${data.length} characters${channel === 'own' ? '' : ' on another channel'}`,
    )
    return met
  } catch (error) {
    if (!(error instanceof HookFailed)) throw error
    if (args['may-refuse'] !== true) return unable(error.message)
    play.note('publisher', `refused: ${error.message}`)
    play.refused.add(data)
    return met
  }
}

export const publishVerbs = [publishVerb]
