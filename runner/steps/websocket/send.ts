import { type Static, Type } from '@sinclair/typebox'
import { encodeFrame, type FrameToSend, type OpcodeName, opcodes } from '../../wire/websocket/frame.ts'
import { type WebSocketPeer, describePeerObservation } from '../../wire/websocket/peer.ts'
import type { Play } from '../stage/play.ts'
import { Write, chopSize } from '../language/request.ts'
import { ActorName, closed, PayloadText } from '../language/arguments.ts'
import { met, type Outcome, unable, unableToHalfClose } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { CloseCode } from './close-codes.ts'
import { socketOf } from './peer.ts'
import { StockWebSocket } from './stock-client.ts'
import { encodePayload } from '../../wire/bytes/payload.ts'

const opcodeNames = Object.keys(opcodes) as OpcodeName[]
export const MessageType = Type.Union([Type.Literal('text'), Type.Literal('binary')])

/** One frame as a case writes it, also a frame that RFC 6455 section 5.2 forbids. */
export const FrameText = Type.Object(
  {
    frame: Type.Union([
      ...opcodeNames.map((name) => Type.Literal(name)),
      Type.Integer({ minimum: 0, maximum: 15 }),
    ]),
    fin: Type.Optional(Type.Boolean({ description: 'The FIN bit (default: true)' })),
    rsv: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 7, description: 'RSV1 is 4, RSV2 is 2, RSV3 is 1' }),
    ),
    mask: Type.Optional(
      Type.Union([Type.Boolean(), Type.String({ pattern: '^hex:[0-9a-f]{8}$' })], {
        description: 'Whether the frame is masked (default: true), or the masking key',
      }),
    ),
    length: Type.Optional(
      Type.Union([Type.Literal(7), Type.Literal(16), Type.Literal(64)], {
        description: 'How many bits encode the payload length (default: the shortest form)',
      }),
    ),
    declare: Type.Optional(
      Type.String({
        pattern: '^([0-9]+|over-limit)$',
        description:
          'A payload length other than the real one; `over-limit` is one byte more than `maxMessage` of the target description',
      }),
    ),
    code: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 65535, description: 'The close code, in front of the payload' }),
    ),
    payload: Type.Optional(PayloadText),
  },
  closed,
)
export type FrameText = Static<typeof FrameText>

export const sendSchema = Type.Object(
  {
    on: Type.Optional(ActorName),
    message: Type.Optional(MessageType),
    fragment: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Bytes of each fragment of the message' }),
    ),
    'empty-end': Type.Optional(
      Type.Boolean({ description: 'An empty fragment follows the last one and ends the message' }),
    ),
    compressed: Type.Optional(Type.Boolean({ description: 'Compress the message as negotiated (RFC 7692)' })),
    frames: Type.Optional(
      Type.Array(FrameText, { minItems: 1, description: 'Frames that are sent in one write' }),
    ),
    bytes: Type.Optional(Type.Union(PayloadText.anyOf, { description: 'Bytes that are sent as they are' })),
    write: Type.Optional(
      Type.Union([...Write.anyOf, Type.Literal('frame by frame')], {
        description: 'How the bytes are divided into writes',
      }),
    ),
    hold: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'How many bytes at the end are held back, until a step with `rest`',
      }),
    ),
    cut: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'How many bytes of the last frame are sent; the others are held back, until a step with `rest`',
      }),
    ),
    end: Type.Optional(
      Type.Literal(true, { description: 'Sends FIN at once behind the bytes, and continues to read' }),
    ),
    rest: Type.Optional(
      Type.Union([Type.Literal(true), Type.Integer({ minimum: 1 })], {
        description: 'Sends the bytes that were held back, or so many of them',
      }),
    ),
    ...Type.Partial(FrameText).properties,
  },
  closed,
)
export type SendArgs = Static<typeof sendSchema>

function frameToSend(
  { frame, fin, rsv, mask, length, declare, code, payload }: FrameText,
  maxMessage = 0,
): FrameToSend {
  const body = payload === undefined ? Buffer.alloc(0) : encodePayload(payload)
  return {
    opcode: typeof frame === 'number' ? frame : opcodes[frame],
    payload: code === undefined ? body : Buffer.concat([Buffer.from([code >> 8, code & 0xff]), body]),
    ...(fin === undefined ? {} : { fin }),
    ...(rsv === undefined ? {} : { rsv }),
    ...(mask === false ? { mask: false as const } : {}),
    ...(typeof mask === 'string' ? { mask: Buffer.from(mask.slice(4), 'hex') } : {}),
    ...(length === undefined ? {} : { lengthBits: length }),
    ...(declare === undefined
      ? {}
      : { declaredLength: declare === 'over-limit' ? BigInt(maxMessage) + 1n : BigInt(declare) }),
  }
}

/** A message as one frame, or as fragments of a given size (RFC 6455 section 5.4). */
export function messageFrames(
  type: 'text' | 'binary',
  payload: Uint8Array,
  fragment: number | undefined,
  rsv: number,
  hasEmptyEnd = false,
): FrameToSend[] {
  const opcode = opcodes[type]
  if (fragment === undefined) return [{ opcode, payload, rsv }]
  const count = Math.max(1, Math.ceil(payload.length / fragment))
  const fragments = Array.from({ length: count }, (_, index) => ({
    opcode: index === 0 ? opcode : 0,
    fin: index === count - 1 && !hasEmptyEnd,
    rsv: index === 0 ? rsv : 0,
    payload: payload.subarray(index * fragment, (index + 1) * fragment),
  }))
  return hasEmptyEnd ? [...fragments, { opcode: 0, payload: new Uint8Array() }] : fragments
}

function framesOf(args: SendArgs, peer: WebSocketPeer, maxMessage: number): FrameToSend[] {
  if (args.frames) return args.frames.map((frame) => frameToSend(frame, maxMessage))
  if (args.message) {
    const payload = encodePayload(args.payload ?? '')
    const compressed = args.compressed ? peer.compress(payload) : undefined
    return messageFrames(
      args.message,
      compressed ?? payload,
      args.fragment,
      compressed ? 4 : 0,
      args['empty-end'],
    )
  }
  return args.frame === undefined ? [] : [frameToSend({ ...args, frame: args.frame }, maxMessage)]
}

/** Sends what the arguments of `send` describe. */
export async function sendNow(args: SendArgs, play: Play): Promise<Outcome> {
  const name = args.on ?? 'client'
  const actor = play.actors.get(name)
  if (actor instanceof StockWebSocket) {
    actor.send(encodePayload(args.payload ?? ''), args.message ?? 'text')
    return met
  }
  const peer = socketOf(play, name)
  const alreadyClosed = closedBeforeSending(peer)
  if (alreadyClosed !== undefined) return alreadyClosed
  if (args.end === true && !peer.handshake.connection.wire.canHalfClose) return unableToHalfClose
  const sent =
    args.rest !== undefined
      ? peer.sendWithheld(args.rest === true ? undefined : args.rest)
      : args.bytes === undefined
        ? sendFrames(peer, args, play)
        : peer.sendBytes(encodePayload(args.bytes), chopSize(args.write))
  if (args.end && args.bytes !== undefined) peer.handshake.connection.wire.halfClose()
  await sent
  return met
}

/** The target cannot be judged on what is sent now if it has closed the connection before that. */
const closedBeforeSending = ({ earlyClose: seen }: WebSocketPeer): Outcome | undefined =>
  seen &&
  unable(`the target closed the connection before anything was sent: ${describePeerObservation(seen)}`, {
    retryMayHelp: true,
  })

async function sendFrames(peer: WebSocketPeer, args: SendArgs, play: Play): Promise<void> {
  const frames = framesOf(args, peer, play.target.description.websocket?.maxMessage ?? 0)
  const writes = args.write === 'frame by frame' ? frames.map((frame) => [frame]) : [frames]
  const hold = args.cut === undefined ? (args.hold ?? 0) : sizeOfLast(frames) - args.cut
  for (const write of writes) {
    const written = peer.send(write, { chop: chopSize(args.write), hold })
    if (args.end === true && write === writes.at(-1)) peer.handshake.connection.wire.halfClose()
    await written
  }
}

/** The bytes of the last frame on the wire; 0 without a frame. */
function sizeOfLast(frames: readonly FrameToSend[]): number {
  const last = frames.at(-1)
  return last === undefined ? 0 : encodeFrame({ mask: Buffer.alloc(4), ...last }).length
}

const sendVerb = verb({
  name: 'send',
  about: 'Sends a message, one frame, several frames in one write, or raw bytes.',
  expects: false,
  schema: sendSchema,
  run: sendNow,
  draw: (args) => [{ actor: args.on ?? 'client', towards: 'target', text: drawSend(args) }],
})

const drawSend = (args: SendArgs): string =>
  args.frames?.map(({ frame }) => String(frame)).join(' + ') ??
  (args.message
    ? `${args.message} message`
    : args.frame === undefined
      ? 'bytes'
      : `${String(args.frame)} frame`)

const closeVerb = verb({
  name: 'close',
  about: 'Starts the closing handshake: sends a Close frame.',
  expects: false,
  schema: Type.Object(
    { on: Type.Optional(ActorName), code: Type.Optional(CloseCode), reason: Type.Optional(PayloadText) },
    closed,
  ),
  run: async ({ on = 'client', code, reason }, play) => {
    const actor = play.actors.get(on)
    if (actor instanceof StockWebSocket) {
      actor.close(code)
      return met
    }
    const peer = socketOf(play, on)
    const alreadyClosed = closedBeforeSending(peer)
    if (alreadyClosed !== undefined) return alreadyClosed
    await peer.send([
      frameToSend({ frame: 'close', ...(code === undefined ? {} : { code }), payload: reason ?? '' }),
    ])
    return met
  },
  draw: ({ on = 'client', code }) => [
    { actor: on, towards: 'target', text: `Close${code === undefined ? '' : ` ${code}`}` },
  ],
})

export const sendVerbs = [sendVerb, closeVerb]
