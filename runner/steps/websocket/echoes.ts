import { type Static, Type } from '@sinclair/typebox'
import { differenceBeyond, showWithSize } from '../../wire/bytes/bytes.ts'
import { sampleContent, contentKinds } from '../../wire/bytes/sample-content.ts'
import { type WebSocketPeer, describePeerObservation, shownBytes } from '../../wire/websocket/peer.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { inboxOf, socketOf } from './peer.ts'
import { messageFrames } from './send.ts'
import { deadline } from '../../wire/deadline.ts'
import { isIgnored, unableIfTooLarge } from './receive.ts'

const echoesSchema = Type.Object(
  {
    on: Type.Optional(ActorName),
    count: Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many messages' }),
    message: Type.Union([Type.Literal('text'), Type.Literal('binary')]),
    generate: Type.Union(
      contentKinds.map((kind) => Type.Literal(kind)),
      { description: 'The kind of content' },
    ),
    length: Type.Integer({ minimum: 0, maximum: 16 * 1024 * 1024, description: 'Bytes of each message' }),
    fragment: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Bytes of each fragment; 0 (the default) sends each message in one frame',
      }),
    ),
    compressed: Type.Optional(
      Type.Boolean({ description: 'Compress each message, if permessage-deflate was negotiated' }),
    ),
    within: Type.Optional(
      Type.Union([DurationText], { description: 'The time for one echo, and for all the messages' }),
    ),
  },
  closed,
)
type EchoesArgs = Static<typeof echoesSchema>

/** Successive messages begin at different offsets of the generated content, so that their payloads differ. */
const distinctOffsets = 61
const offsetStep = 7

const payloadOf = ({ generate, length }: EchoesArgs, index: number): Uint8Array =>
  sampleContent(generate, length, (index % distinctOffsets) * offsetStep)

async function sendMessage(args: EchoesArgs, payload: Uint8Array, peer: WebSocketPeer): Promise<void> {
  const { message, fragment = 0, compressed = false } = args
  const bytes = compressed ? peer.compress(payload) : undefined
  const size = fragment === 0 ? undefined : fragment
  await peer.send(messageFrames(message, bytes ?? payload, size, bytes === undefined ? 0 : 4))
}

async function expectEcho(
  args: EchoesArgs,
  payload: Uint8Array,
  play: Play,
  signal: AbortSignal,
): Promise<Outcome> {
  const wanted = `the echo of a ${args.message} message of ${showWithSize(payload, shownBytes)}`
  for (;;) {
    const seen = (await inboxOf(play, args.on ?? 'client').next(signal))?.seen
    if (seen === undefined) return unmet(wanted, 'no echo in time', { late: true })
    if (seen.kind === 'message' && seen.type === args.message && Buffer.compare(seen.payload, payload) === 0)
      return met
    if (isIgnored(play, {}, seen)) continue
    const tooLarge = unableIfTooLarge(play, args.on ?? 'client', seen)
    if (tooLarge) return tooLarge
    const difference = seen.kind === 'message' ? differenceBeyond(shownBytes, payload, seen.payload) : ''
    return unmet(wanted, `${describePeerObservation(seen)}${difference}`)
  }
}

const echoesVerb = verb({
  name: 'echoes',
  about:
    'Sends generated messages, each after the echo of the one before. Every echo equals the message that was sent. With a slow target it stops when the time is over.',
  expects: true,
  stimuli: ['count', 'message', 'generate', 'length', 'fragment', 'compressed'],
  schema: echoesSchema,
  run: async (args, play) => {
    const peer = socketOf(play, args.on ?? 'client')
    const isOver = play.bounds.within(args.within)
    for (let index = 0; index < args.count && !(isOver.aborted && index > 0); index += 1) {
      const payload = payloadOf(args, index)
      await sendMessage(args, payload, peer)
      const { signal, release } = deadline(play.bounds.milliseconds(args.within), play.signal)
      const outcome = await expectEcho(args, payload, play, signal)
      release()
      if (outcome.kind !== 'met') return outcome
    }
    return met
  },
  draw: ({ on = 'client', count, message }) => [
    { actor: on, towards: 'target', text: `${count} ${message} messages` },
    { actor: on, towards: 'kit', text: `${count} echoes` },
  ],
})

export const echoVerbs = [echoesVerb]
