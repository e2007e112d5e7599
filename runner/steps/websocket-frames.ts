import { type Static, Type } from '@sinclair/typebox'
import type { Deflater } from '../wire/deflate.ts'
import { payload as toBytes, show } from '../wire/bytes.ts'
import { type FrameToSend, type OpcodeName, opcodes } from '../wire/frame.ts'
import { describe, type PeerObservation } from '../wire/websocket-peer.ts'
import type { Timed } from '../wire/changes.ts'
import { type Play, UnknownActor } from './play.ts'
import { chopOf, Write } from './request.ts'
import {
  ActorName,
  asList,
  closed,
  DurationText,
  met,
  type Outcome,
  PayloadText,
  oneOrMore,
  unmet,
  verb,
} from './verb.ts'
import { peerOf } from './websocket-handshake.ts'

const opcodeNames = Object.keys(opcodes) as OpcodeName[]
const MessageType = Type.Union([Type.Literal('text'), Type.Literal('binary')])
const CloseCode = Type.Integer({ minimum: 0, maximum: 65535 })

/** One frame as a case writes it; everything that RFC 6455 section 5.2 forbids can be said too. */
const FrameText = Type.Object(
  {
    frame: Type.Union([
      ...opcodeNames.map((name) => Type.Literal(name)),
      Type.Integer({ minimum: 0, maximum: 15 }),
    ]),
    fin: Type.Optional(Type.Boolean()),
    rsv: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 7, description: 'RSV1 is 4, RSV2 is 2, RSV3 is 1' }),
    ),
    mask: Type.Optional(Type.Union([Type.Boolean(), Type.String({ pattern: '^hex:[0-9a-f]{8}$' })])),
    length: Type.Optional(
      Type.Union([Type.Literal(7), Type.Literal(16), Type.Literal(64)], {
        description: 'Bits of the length',
      }),
    ),
    declare: Type.Optional(
      Type.String({ pattern: '^[0-9]+$', description: 'A length other than that of the payload' }),
    ),
    code: Type.Optional(CloseCode),
    payload: Type.Optional(PayloadText),
  },
  closed,
)
type FrameText = Static<typeof FrameText>

const sendSchema = Type.Object(
  {
    on: Type.Optional(ActorName),
    message: Type.Optional(MessageType),
    fragment: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Bytes of each fragment of the message' }),
    ),
    compressed: Type.Optional(Type.Boolean({ description: 'Compress the message as was agreed (RFC 7692)' })),
    frames: Type.Optional(
      Type.Array(FrameText, { minItems: 1, description: 'Frames that go out in one write' }),
    ),
    bytes: Type.Optional(PayloadText),
    write: Type.Optional(Write),
    ...Type.Partial(FrameText).properties,
  },
  closed,
)
type SendArgs = Static<typeof sendSchema>

function frameToSend({ frame, fin, rsv, mask, length, declare, code, payload }: FrameText): FrameToSend {
  const body = payload === undefined ? Buffer.alloc(0) : toBytes(payload)
  return {
    opcode: typeof frame === 'number' ? frame : opcodes[frame],
    payload: code === undefined ? body : Buffer.concat([Buffer.from([code >> 8, code & 0xff]), body]),
    ...(fin === undefined ? {} : { fin }),
    ...(rsv === undefined ? {} : { rsv }),
    ...(mask === false ? { mask: false as const } : {}),
    ...(typeof mask === 'string' ? { mask: Buffer.from(mask.slice(4), 'hex') } : {}),
    ...(length === undefined ? {} : { lengthBits: length }),
    ...(declare === undefined ? {} : { declaredLength: BigInt(declare) }),
  }
}

/** A message as one frame, or as fragments of a given size (RFC 6455 section 5.4). */
export function messageFrames(
  type: 'text' | 'binary',
  payload: Uint8Array,
  fragment: number | undefined,
  rsv: number,
): FrameToSend[] {
  const opcode = opcodes[type]
  if (fragment === undefined) return [{ opcode, payload, rsv }]
  const count = Math.max(1, Math.ceil(payload.length / fragment))
  return Array.from({ length: count }, (_, index) => ({
    opcode: index === 0 ? opcode : 0,
    fin: index === count - 1,
    rsv: index === 0 ? rsv : 0,
    payload: payload.subarray(index * fragment, (index + 1) * fragment),
  }))
}

function framesOf(args: SendArgs, deflater: Deflater | undefined): FrameToSend[] {
  if (args.frames) return args.frames.map(frameToSend)
  if (args.message) {
    const payload = toBytes(args.payload ?? '')
    const compressed = args.compressed ? deflater?.deflate(payload) : undefined
    return messageFrames(args.message, compressed ?? payload, args.fragment, compressed ? 4 : 0)
  }
  return args.frame === undefined ? [] : [frameToSend({ ...args, frame: args.frame })]
}

const sendVerb = verb({
  name: 'send',
  about: 'Sends a message, one frame, several frames in one write, or bytes that are no frame at all.',
  expects: false,
  schema: sendSchema,
  run: async (args, play) => {
    const name = args.on ?? 'client'
    const actor = play.actor(name)
    if (actor.kind === 'stock-socket') {
      actor.socket.send(toBytes(args.payload ?? ''), args.message ?? 'text')
      return met
    }
    const peer = peerOf(play, name)
    if (args.bytes === undefined) await peer.send(framesOf(args, peer.deflater), chopOf(args.write))
    else await peer.http.wire.write(toBytes(args.bytes), 'bytes', chopOf(args.write))
    return met
  },
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
    const actor = play.actor(on)
    if (actor.kind === 'stock-socket') actor.socket.close(code)
    else
      await peerOf(play, on).send([
        frameToSend({ frame: 'close', ...(code === undefined ? {} : { code }), payload: reason ?? '' }),
      ])
    return met
  },
  draw: ({ on = 'client', code }) => [
    { actor: on, towards: 'target', text: `Close${code === undefined ? '' : ` ${code}`}` },
  ],
})

/** The observations of a peer, whoever reads the frames for it. */
export function inboxOf(
  play: Play,
  name: string,
): { next(signal: AbortSignal): Promise<Timed<PeerObservation> | undefined> } {
  const actor = play.actor(name)
  if (actor.kind === 'peer') return actor.peer.inbox
  if (actor.kind === 'stock-socket') return actor.socket.inbox
  throw new UnknownActor(`"${name}" is not a WebSocket peer`)
}

const receiveSchema = Type.Object(
  {
    on: Type.Optional(ActorName),
    message: Type.Optional(MessageType),
    frame: Type.Optional(Type.Union([Type.Literal('ping'), Type.Literal('pong'), Type.Literal('close')])),
    payload: Type.Optional(PayloadText),
    compressed: Type.Optional(Type.Boolean()),
    within: Type.Optional(DurationText),
  },
  closed,
)
type ReceiveArgs = Static<typeof receiveSchema>

const receiveVerb = verb({
  name: 'receive',
  about: 'The next thing that arrives is this message or control frame. Pings are answered and passed over.',
  expects: true,
  schema: receiveSchema,
  run: async (args, play) => {
    const wanted = describeWanted(args)
    const inbox = inboxOf(play, args.on ?? 'client')
    const signal = play.within(args.within)
    for (;;) {
      const observation = (await inbox.next(signal))?.seen
      if (observation === undefined) return unmet(wanted, 'nothing more in time', { late: true })
      if (meets(args, observation)) return met
      if (!passedOver(play, args, observation)) return unmet(wanted, describe(observation))
    }
  },
  draw: (args) => [{ actor: args.on ?? 'client', towards: 'kit', text: describeWanted(args) }],
})

const describeWanted = ({ message, frame, payload }: ReceiveArgs): string => {
  const what = message === undefined ? `a ${frame ?? 'frame'}` : `a ${message} message`
  if (payload === undefined) return what
  const bytes = toBytes(payload)
  return `${what} of ${bytes.length} bytes ${show(bytes, 80)}`
}

function meets({ message, frame, payload, compressed }: ReceiveArgs, seen: PeerObservation): boolean {
  if (message !== undefined && (seen.kind !== 'message' || seen.type !== message)) return false
  if (frame !== undefined && seen.kind !== frame) return false
  if (compressed !== undefined && (seen.kind !== 'message' || seen.compressed !== compressed)) return false
  return payload === undefined || ('payload' in seen && Buffer.compare(toBytes(payload), seen.payload) === 0)
}

/** Pings and unsolicited pongs may come at any time (RFC 6455 section 5.5); messages where the description says so. */
export function passedOver(play: Play, wanted: { frame?: string }, seen: PeerObservation): boolean {
  if (seen.kind === 'ping') return wanted.frame !== 'ping'
  if (seen.kind === 'pong') return wanted.frame !== 'pong'
  return seen.kind === 'message' && play.target.description.websocket?.pushes === true
}

const failedSchema = Type.Object(
  {
    on: Type.Optional(ActorName),
    code: Type.Optional(oneOrMore(CloseCode)),
    'wrong-code': Type.Optional(
      Type.Union([Type.Literal('fail'), Type.Literal('warn')], {
        description:
          'What another code comes to; `fail` where a mirrored or normal code shows that nothing was noticed',
      }),
    ),
    echo: Type.Optional(
      Type.Object(
        { message: MessageType, payload: PayloadText },
        {
          ...closed,
          description: 'The echo of what was sent before the violation; that it is lost is a deviation',
        },
      ),
    ),
    within: Type.Optional(DurationText),
  },
  closed,
)
type FailedArgs = Static<typeof failedSchema>

const failedVerb = verb({
  name: 'failed',
  about:
    'The target fails the connection: a Close frame with a fitting code, or a dropped connection; no message and no pong comes before that.',
  expects: true,
  schema: failedSchema,
  run: async (args, play) => {
    const inbox = inboxOf(play, args.on ?? 'client')
    const signal = play.within(args.within)
    let missing = args.echo
    for (;;) {
      const seen = (await inbox.next(signal))?.seen
      if (seen === undefined) return unmet(wantedEnd(args), 'the connection is still open', { late: true })
      if (missing !== undefined && meets(missing, seen)) missing = undefined
      else if (seen.kind !== 'ping' && !passedOver(play, { frame: 'pong' }, seen))
        return judgeEnd(args, seen, missing !== undefined)
    }
  },
  draw: (args) => [
    { actor: args.on ?? 'client', towards: 'kit', text: `fails the connection${codesText(args)}` },
  ],
})

const codesText = ({ code }: FailedArgs): string =>
  code === undefined ? '' : ` (${asList(code).join(' or ')})`
const wantedEnd = (args: FailedArgs): string => `the connection failed${codesText(args)}`

function judgeEnd(args: FailedArgs, seen: PeerObservation, echoMissing: boolean): Outcome {
  if (seen.kind !== 'close' && seen.kind !== 'end') return unmet(wantedEnd(args), describe(seen))
  const codes = asList(args.code)
  if (seen.kind === 'close' && seen.code !== undefined && codes.length > 0 && !codes.includes(seen.code))
    return unmet(wantedEnd(args), describe(seen), { grade: args['wrong-code'] ?? 'warn' })
  if (echoMissing)
    return unmet('the echo of what was sent before the violation', describe(seen), { grade: 'warn' })
  return met
}

const closedVerb = verb({
  name: 'closed',
  about: 'A Close frame arrives, with one of these codes or none.',
  expects: true,
  schema: Type.Object(
    {
      on: Type.Optional(ActorName),
      code: Type.Optional(oneOrMore(CloseCode)),
      'code-required': Type.Optional(Type.Boolean()),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async (args, play) => {
    const wanted = `a Close frame${args.code === undefined ? '' : ` with code ${asList(args.code).join(' or ')}`}`
    const signal = play.within(args.within)
    for (;;) {
      const seen = (await inboxOf(play, args.on ?? 'client').next(signal))?.seen
      if (seen === undefined) return unmet(wanted, 'nothing more in time', { late: true })
      if (seen.kind === 'close') return codeMeets(args, seen.code) ? met : unmet(wanted, describe(seen))
      if (!passedOver(play, {}, seen)) return unmet(wanted, describe(seen))
    }
  },
  draw: ({ on = 'client' }) => [{ actor: on, towards: 'kit', text: 'Close' }],
})

const codeMeets = (
  { code, ...args }: { code?: number | number[]; 'code-required'?: boolean },
  got: number | undefined,
): boolean =>
  got === undefined ? args['code-required'] !== true : code === undefined || asList(code).includes(got)

const noFrameVerb = verb({
  name: 'no-frame',
  about: 'Neither a message nor a pong nor a Close arrives in the given time, and the connection stays open.',
  expects: true,
  schema: Type.Object({ on: Type.Optional(ActorName), for: DurationText }, closed),
  run: async (args, play) => {
    const signal = play.within(args.for)
    for (;;) {
      const seen = (await inboxOf(play, args.on ?? 'client').next(signal))?.seen
      if (seen === undefined) return met
      if (!passedOver(play, { frame: 'pong' }, seen)) return unmet(`nothing for ${args.for}`, describe(seen))
    }
  },
  draw: ({ on = 'client', for: time }) => [{ actor: on, towards: 'none', text: `nothing for ${time}` }],
})

export const frameVerbs = [sendVerb, closeVerb, receiveVerb, failedVerb, closedVerb, noFrameVerb]
