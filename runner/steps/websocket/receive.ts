import { type Static, Type } from '@sinclair/typebox'
import { differenceBeyond, showWithSize } from '../../wire/bytes/bytes.ts'
import { type PeerObservation, describePeerObservation, shownBytes } from '../../wire/websocket/peer.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText, PayloadText } from '../language/arguments.ts'
import { met, metAndFinished, type Outcome, unable, unmet } from '../language/outcome.ts'
import { idleMs } from '../language/idle.ts'
import { verb } from '../language/verb.ts'
import { inboxOf, latencyOf, Peer, socketOf } from './peer.ts'
import { codeIsExpected, describeCodes, ExpectedCodes } from './close-codes.ts'
import { MessageType } from './send.ts'
import { encodePayload } from '../../wire/bytes/payload.ts'

const receiveSchema = Type.Object(
  {
    on: Type.Optional(ActorName),
    message: Type.Optional(MessageType),
    frame: Type.Optional(Type.Union([Type.Literal('ping'), Type.Literal('pong'), Type.Literal('close')])),
    payload: Type.Optional(PayloadText),
    compressed: Type.Optional(Type.Boolean()),
    'or-too-big': Type.Optional(
      Type.Literal(true, {
        description:
          'If `maxMessage` of the target description does not allow the message, the target may close with 1009 instead, and the rest of the case is not played; to close in another way is a deviation',
      }),
    ),
    within: Type.Optional(DurationText),
  },
  closed,
)
type ReceiveArgs = Static<typeof receiveSchema>

const receiveVerb = verb({
  name: 'receive',
  about:
    'The next message or control frame is this one. Other pings and pongs are ignored; so are other messages, unless the target sends only echoes.',
  expects: true,
  schema: receiveSchema,
  run: async (args, play) => {
    const wanted = describeWanted(args)
    const inbox = inboxOf(play, args.on ?? 'client')
    const signal = play.bounds.within(args.within)
    let last: PeerObservation | undefined
    for (;;) {
      const observation = (await inbox.next(signal))?.seen
      if (observation === undefined) return unmet(wanted, describeMissing(args, last), { late: true })
      if (meets(args, observation)) return met
      if (!isIgnored(play, args, observation))
        return (
          refusalOfSize(args, play, observation) ??
          unableIfTooLarge(play, args.on ?? 'client', observation) ??
          unmet(wanted, describeOther(args, observation))
        )
      if (observation.kind === (args.frame ?? 'message')) last = observation
    }
  },
  draw: (args) => [{ actor: args.on ?? 'client', towards: 'kit', text: describeWanted(args) }],
})

/** Every target is expected to accept messages of so many bytes. */
const smallMessage = 1024

/**
 * RFC 6455 sections 7.4.1 and 10.4: a server may limit messages, and closes with 1009 because of a larger one. Without
 * a limit in the description that says nothing about the rule of the case.
 */
export function unableIfTooLarge(play: Play, on: string, seen: PeerObservation): Outcome | undefined {
  if (seen.kind !== 'close' || seen.code !== 1009) return undefined
  const actor = play.actors.get(on)
  const largest = actor instanceof Peer ? actor.socket.sent.largest : 0
  if (largest <= smallMessage || play.target.description.websocket?.maxMessage !== undefined) return undefined
  return unable(
    `the target refused a message of ${largest} bytes as too large (1009); state its limit in the description: maxMessage`,
  )
}

/** RFC 6455 section 7.4.1: the message is too big to process. */
const tooBig = 1009

/** The outcome if the target has closed because the message is larger than what it is known to accept. */
function refusalOfSize(
  { payload = '', 'or-too-big': mayRefuse }: ReceiveArgs,
  play: Play,
  seen: PeerObservation,
): Outcome | undefined {
  const { length } = encodePayload(payload)
  const isAllowed = length <= (play.target.description.websocket?.maxMessage ?? 0)
  if (mayRefuse !== true || isAllowed || (seen.kind !== 'close' && seen.kind !== 'end')) return undefined
  if (seen.kind === 'close' && seen.code === tooBig) return metAndFinished
  return unmet(
    `the message of ${length} bytes, or a Close frame with code ${tooBig}`,
    describePeerObservation(seen),
    { grade: 'warn' },
  )
}

/** Describes an observation that does not match; of a long message also the first wrong byte. */
function describeOther({ payload }: ReceiveArgs, seen: PeerObservation): string {
  const difference =
    payload === undefined || seen.kind !== 'message'
      ? ''
      : differenceBeyond(shownBytes, encodePayload(payload), seen.payload)
  return `${describePeerObservation(seen)}${difference}`
}

/** Describes that no matching message or frame arrived, with the last other one of its kind if there was one. */
const describeMissing = (args: ReceiveArgs, last: PeerObservation | undefined): string =>
  last === undefined
    ? 'nothing more in time'
    : `nothing that matches in time; the last ${args.frame ?? 'message'} was ${describeOther(args, last)}`

const describeWanted = ({ message, frame, payload }: ReceiveArgs): string => {
  const what = message === undefined ? `a ${frame ?? 'frame'}` : `a ${message} message`
  if (payload === undefined) return what
  return `${what} of ${showWithSize(encodePayload(payload), shownBytes)}`
}

export function meets({ message, frame, payload, compressed }: ReceiveArgs, seen: PeerObservation): boolean {
  if (message !== undefined && (seen.kind !== 'message' || seen.type !== message)) return false
  if (frame !== undefined && seen.kind !== frame) return false
  if (compressed !== undefined && (seen.kind !== 'message' || seen.compressed !== compressed)) return false
  return (
    payload === undefined || ('payload' in seen && Buffer.compare(encodePayload(payload), seen.payload) === 0)
  )
}

/**
 * Whether an observation other than the wanted one is ignored. Pings and unsolicited pongs may arrive at any time
 * (RFC 6455 section 5.5). So may messages (section 5.6), unless the description states `pushes: false`. If it does not
 * mention `pushes`, a message that an echoing target sends back is not ignored.
 */
export function isIgnored(play: Play, wanted: { frame?: string }, seen: PeerObservation): boolean {
  if (seen.kind === 'ping') return wanted.frame !== 'ping'
  if (seen.kind === 'pong') return wanted.frame !== 'pong' || !seen.isAnswer
  if (seen.kind !== 'message') return false
  const { pushes } = play.target.description.websocket ?? {}
  return pushes ?? !(seen.isAnswer && play.target.ability('websocket.echo').has)
}

const describeCode = (args: { code?: ExpectedCodes; 'code-required'?: boolean }): string => {
  if (args.code !== undefined) return ` with ${describeCodes(args.code)}`
  return args['code-required'] ? ' with a code' : ''
}

const closedVerb = verb({
  name: 'closed',
  about: 'A Close frame arrives, with one of these codes or without a code.',
  expects: true,
  schema: Type.Object(
    {
      on: Type.Optional(ActorName),
      code: Type.Optional(ExpectedCodes),
      'code-required': Type.Optional(Type.Boolean({ description: 'The Close frame must have a code' })),
      promptly: Type.Optional(
        Type.Boolean({
          description:
            'It arrives within 2 s, plus the time that the target took for its response to the handshake',
        }),
      ),
      'after-messages': Type.Optional(Type.Boolean({ description: 'Messages may arrive before it' })),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async (args, play) => {
    const wanted = `a Close frame${describeCode(args)}${args.promptly ? ' without delay' : ''}`
    const signal = args.promptly
      ? play.bounds.untilClosed('2s', latencyOf(play, args.on ?? 'client'))
      : play.bounds.within(args.within)
    for (;;) {
      const seen = (await inboxOf(play, args.on ?? 'client').next(signal))?.seen
      if (seen === undefined) return unmet(wanted, 'no Close frame in time', { late: true })
      if (seen.kind === 'close' && codeMeets(args, seen.code)) return met
      if (seen.kind === 'close')
        return (
          unableIfTooLarge(play, args.on ?? 'client', seen) ?? unmet(wanted, describePeerObservation(seen))
        )
      const isEarlierMessage = seen.kind === 'message' && args['after-messages'] === true
      if (!isEarlierMessage && !isIgnored(play, {}, seen)) return unmet(wanted, describePeerObservation(seen))
    }
  },
  draw: ({ on = 'client' }) => [{ actor: on, towards: 'kit', text: 'Close' }],
})

const codeMeets = (
  { code, ...args }: { code?: ExpectedCodes; 'code-required'?: boolean },
  received: number | undefined,
): boolean =>
  received === undefined
    ? args['code-required'] !== true
    : code === undefined || codeIsExpected(code, received)

const noFrameVerb = verb({
  name: 'no-frame',
  about: 'No message, pong or Close frame arrives in the given time, and the connection stays open.',
  expects: true,
  schema: Type.Object({ on: Type.Optional(ActorName), for: DurationText }, closed),
  run: async (args, play) => {
    const signal = play.bounds.within(args.for)
    for (;;) {
      const seen = (await inboxOf(play, args.on ?? 'client').next(signal))?.seen
      if (seen === undefined) return met
      if (!isIgnored(play, { frame: 'pong' }, seen))
        return unmet(`no frame for ${args.for}`, describePeerObservation(seen))
    }
  },
  draw: ({ on = 'client', for: time }) => [{ actor: on, towards: 'none', text: `no frame for ${time}` }],
})

const nothingFollowsVerb = verb({
  name: 'nothing-follows',
  about:
    'No further message, pong or Close frame arrives before the connection ends, or in the given time (default 400ms) if it does not end.',
  expects: true,
  schema: Type.Object({ on: Type.Optional(ActorName), for: Type.Optional(DurationText) }, closed),
  run: async ({ on = 'client', for: time = '400ms' }, play) => {
    const signal = play.bounds.within(time)
    for (;;) {
      const seen = (await inboxOf(play, on).next(signal))?.seen
      if (seen === undefined || seen.kind === 'end') return met
      if (seen.kind !== 'ping') return unmet('no frame after the Close frame', describePeerObservation(seen))
    }
  },
  draw: ({ on = 'client' }) => [{ actor: on, towards: 'none', text: 'no further frame' }],
})

const socketLastsVerb = verb({
  name: 'socket-lasts',
  about:
    'The target does not end an idle connection sooner than its description declares (`idle`), neither with a Close frame nor without one; the kit answers its Pings. The step lasts at most 11s.',
  expects: true,
  schema: Type.Object({ on: Type.Optional(ActorName) }, closed),
  run: async ({ on = 'client' }, play) => {
    const { idle } = play.target.description.websocket ?? {}
    const socket = socketOf(play, on)
    const { wire } = socket.handshake.connection
    const hasEnded = (): boolean => socket.closeReceived || wire.ended !== undefined
    if (!(await wire.changes.until(hasEnded, play.bounds.after(idleMs(play, idle))))) return met
    return unmet(
      `a connection that stays open for ${idle ?? '11s'} when idle`,
      socket.closeReceived ? 'a Close frame' : 'the end of the connection',
    )
  },
  draw: ({ on = 'client' }) => [{ actor: on, towards: 'none', text: 'open while idle' }],
})

export const receiveVerbs = [receiveVerb, closedVerb, noFrameVerb, nothingFollowsVerb, socketLastsVerb]
