import { type Static, Type } from '@sinclair/typebox'
import { UpdateTooLarge } from '../../targets/errors/hook-failed.ts'
import { encodePayload } from '../../wire/bytes/payload.ts'
import type { Play } from '../stage/play.ts'
import { Channel, channelOf } from './channel.ts'
import { dropRefusedUpdate, expectUpdate } from './expected-updates.ts'
import { publishOnChannels } from './markers.ts'
import { closed, PayloadText } from '../language/arguments.ts'
import { met, unable } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const publishManySchema = Type.Object(
  {
    count: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many numbered updates' }),
    ),
    size: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 16 * 1024 * 1024,
        description: 'Bytes of each numbered update (default: a short text)',
      }),
    ),
    sizes: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 16 * 1024 * 1024 }), {
        minItems: 1,
        description: 'One more numbered update of each of these sizes, in bytes',
      }),
    ),
    updates: Type.Optional(Type.Array(PayloadText, { minItems: 1, description: 'Updates with these texts' })),
    channel: Type.Optional(Channel),
    'in-flight': Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        description:
          'How many updates are published concurrently (default 1); with more than one, their order is unknown',
      }),
    ),
  },
  closed,
)
type PublishManyArgs = Static<typeof publishManySchema>

/** An update that states its number, padded or cut to `size` bytes if that is given. */
const numberedUpdate = (play: Play, number: number, size = 0): string => {
  const text = `update ${number} of ${play.identity.nonce} `
  return size === 0
    ? text.trimEnd()
    : text.padEnd(size, '0123456789abcdefghijklmnopqrstuvwxyz').slice(0, size)
}

/** The number of the last numbered update of each case. */
const lastNumbers = new WeakMap<Play, number>()

function updateTexts({ count = 0, size, sizes = [], updates = [] }: PublishManyArgs, play: Play): string[] {
  const last = lastNumbers.get(play) ?? 0
  lastNumbers.set(play, last + count + sizes.length)
  const counted = Array.from({ length: count }, (_, index) => numberedUpdate(play, last + index + 1, size))
  const sized = sizes.map((each, index) => numberedUpdate(play, last + count + index + 1, each))
  return [...counted, ...sized, ...updates.map((update) => Buffer.from(encodePayload(update)).toString())]
}

const publishManyVerb = verb({
  name: 'publish-many',
  about:
    'Makes the target publish updates one after the other, each as soon as the target has accepted the one before. Every receiver on the channel is then expected to get them, except updates that the target refuses with 413 as too large.',
  expects: false,
  schema: publishManySchema,
  run: async (args, play) => {
    const channel = channelOf(play, args.channel)
    const pending = updateTexts(args, play)
    play.notes.add('publisher', `publishes ${pending.length} updates`)
    for (const text of pending) expectUpdate(play, channel, text)
    let accepted = 0
    let refusal = ''
    const publishPending = async (): Promise<void> => {
      for (let text = pending.shift(); text !== undefined; text = pending.shift())
        try {
          await publishOnChannels(play, [channel], text)
          accepted++
        } catch (error) {
          if (!(error instanceof UpdateTooLarge)) throw error
          refusal = error.message
          play.notes.add('publisher', `refused: ${refusal}`)
          dropRefusedUpdate(play, channel, text)
        }
    }
    await Promise.all(Array.from({ length: args['in-flight'] ?? 1 }, publishPending))
    return accepted === 0 ? unable(refusal) : met
  },
  draw: ({ count, sizes, updates, channel = 'own' }) => {
    const number = count ?? sizes?.length ?? updates?.length ?? 0
    const what = number === 1 ? 'an update' : `${number} updates`
    const where = channel === 'own' ? '' : ' on another channel'
    return [{ actor: 'publisher', towards: 'target', text: `publish ${what}${where}` }]
  },
})

export const publishManyVerbs = [publishManyVerb]
