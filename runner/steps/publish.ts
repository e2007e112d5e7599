import { Type } from '@sinclair/typebox'
import { HookFailed, publish } from '../target/publish.ts'
import { payload } from '../wire/bytes.ts'
import { owe } from './receiver.ts'
import { closed, met, PayloadText, unable, verb } from './verb.ts'

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
    },
    closed,
  ),
  run: async ({ data, type, id, channel = 'own' }, play) => {
    const update = {
      channel: channel === 'own' ? play.channel : `${play.channel}-other`,
      nonce: play.nonce,
      data: Buffer.from(payload(data)).toString(),
      ...(type === undefined ? {} : { type }),
      ...(id === undefined ? {} : { id }),
    }
    try {
      owe(play, update.channel, update.data)
      await publish(play.target, update, play.within('10s'))
      play.note(
        'publisher',
        `published ${update.data.length} characters${channel === 'own' ? '' : ' on another channel'}`,
      )
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

export const publishVerbs = [publishVerb]
