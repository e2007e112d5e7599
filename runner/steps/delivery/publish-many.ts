import { type Static, Type } from '@sinclair/typebox'
import { HookFailed, HookRefused, UpdateTooLarge } from '../../targets/errors/hook-failed.ts'
import { encodePayload } from '../../wire/bytes/payload.ts'
import type { Play } from '../stage/play.ts'
import { Channel, channelOf } from './channel.ts'
import { dropRefusedUpdate, expectUpdate } from './expected-updates.ts'
import { publishOnChannels } from './markers.ts'
import { closed, PayloadText } from '../language/arguments.ts'
import { met, metAndFinished, type Outcome, unable } from '../language/outcome.ts'
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
    'may-refuse': Type.Optional(
      Type.Boolean({
        description: 'The target may refuse an update, with any 4xx; it is then not expected',
      }),
    ),
    wait: Type.Optional(
      Type.Literal(false, {
        description: 'The next step does not wait until the target has accepted the updates; `taken` does',
      }),
    ),
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

/** Whether the target has refused an update with a 4xx: as too large, or for any reason. */
const isRefusal = (error: unknown, forAnyReason: boolean): error is HookRefused =>
  error instanceof (forAnyReason ? HookRefused : UpdateTooLarge)

/** A target that needs longer for the updates of one step is too slow for the case. */
const longestPublishing = '60s'

async function publishAll(args: PublishManyArgs, play: Play): Promise<Outcome> {
  const channel = channelOf(play, args.channel)
  const pending = updateTexts(args, play)
  const total = pending.length
  play.notes.add('publisher', `publishes ${total} updates`)
  for (const text of pending) expectUpdate(play, channel, text)
  let accepted = 0
  let refusal = ''
  const startedAt = play.transcript.now()
  /** How long the remaining updates will take, in milliseconds, if they take as long as those before. */
  const remainingMs = (): number =>
    ((play.transcript.now() - startedAt) / (total - pending.length)) * pending.length
  let isTooSlow = false
  const publishPending = async (): Promise<void> => {
    for (let text = pending.shift(); text !== undefined && !isTooSlow; text = pending.shift()) {
      try {
        await publishOnChannels(play, [channel], text)
        accepted++
      } catch (error) {
        if (!isRefusal(error, args['may-refuse'] === true)) throw error
        refusal = error.message
        play.notes.add('publisher', `refused: ${refusal}`)
        dropRefusedUpdate(play, channel, text)
      }
      isTooSlow ||= remainingMs() > play.bounds.milliseconds(longestPublishing)
    }
  }
  await Promise.all(Array.from({ length: args['in-flight'] ?? 1 }, publishPending))
  if (isTooSlow)
    return unable(`publishing ${total} updates would take longer than ${longestPublishing}`, {
      retryMayHelp: true,
    })
  if (accepted > 0) return met
  return args['may-refuse'] === true ? metAndFinished : unable(refusal)
}

const publishManyVerb = verb({
  name: 'publish-many',
  about:
    'Makes the target publish updates one after the other, each as soon as the target has accepted the one before. Every receiver on the channel is then expected to get them, except updates that the target refuses with 413 as too large.',
  expects: false,
  schema: publishManySchema,
  run: async (args, play) => {
    const done = publishAll(args, play)
    if (args.wait !== false) return done
    const accepted = done.then((outcome) => {
      if (outcome.kind === 'unable') throw new HookFailed(outcome.reason)
    })
    // Judged by `taken`.
    accepted.catch(() => undefined)
    play.publications.pending.push(accepted)
    return met
  },
  draw: ({ count, sizes, updates, channel = 'own' }) => {
    const number = count ?? sizes?.length ?? updates?.length ?? 0
    const what = number === 1 ? 'an update' : `${number} updates`
    const where = channel === 'own' ? '' : ' on another channel'
    return [{ actor: 'publisher', towards: 'target', text: `publish ${what}${where}` }]
  },
})

export const publishManyVerbs = [publishManyVerb]
