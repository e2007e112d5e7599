import { Type } from '@sinclair/typebox'
import { encodePayload } from '../../wire/bytes/payload.ts'
import { deadline } from '../../wire/deadline.ts'
import { opcodes } from '../../wire/websocket/frame.ts'
import { describePeerObservation } from '../../wire/websocket/peer.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText, PayloadText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { connectVerb } from './handshake.ts'
import { inboxOf, socketOf } from './peer.ts'
import { isIgnored, meets, unableIfTooLarge } from './receive.ts'
import { FrameText, MessageType, sendNow } from './send.ts'

const pongsVerb = verb({
  name: 'pongs',
  about:
    'Pongs for these pings arrive in the order of the pings. Only the pong for the last ping is required (RFC 6455 section 5.5.3).',
  expects: true,
  schema: Type.Object(
    {
      on: Type.Optional(ActorName),
      to: Type.Array(PayloadText, { minItems: 1, description: 'The payloads of the pings' }),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ on = 'client', to, within }, play) => {
    const signal = play.bounds.within(within)
    const wanted = `pongs in the order of ${to.length} pings, at least the last one`
    for (let next = 0; next < to.length;) {
      const seen = (await inboxOf(play, on).next(signal))?.seen
      if (seen === undefined) return unmet(wanted, 'no pong for the last ping in time', { late: true })
      const found = to.findIndex((payload, index) => index >= next && meets({ frame: 'pong', payload }, seen))
      if (found >= 0) next = found + 1
      else if (!isIgnored(play, { frame: 'pong' }, seen)) return unmet(wanted, describePeerObservation(seen))
    }
    return met
  },
  draw: ({ on = 'client', to }) => [{ actor: on, towards: 'kit', text: `pongs for ${to.length} pings` }],
})

const roundTripsVerb = verb({
  name: 'round-trips',
  about:
    'Sends a message and waits for its echo, several times one after the other. With a slow target it stops when the time is over.',
  expects: true,
  stimuli: ['message', 'payload', 'times'],
  schema: Type.Object(
    {
      on: Type.Optional(ActorName),
      message: MessageType,
      payload: PayloadText,
      times: Type.Integer({ minimum: 1, maximum: 100_000, description: 'How many times' }),
      within: Type.Optional(Type.Union([DurationText], { description: 'The time for all of them' })),
    },
    closed,
  ),
  run: async ({ on = 'client', message, payload, times, within }, play) => {
    const isOver = play.bounds.within(within)
    for (let number = 1; number <= times && !(isOver.aborted && number > 1); number++) {
      const { signal, release } = deadline(play.bounds.milliseconds(), play.signal)
      const outcome = await roundTrip({ on, message, payload, number, times }, play, signal)
      release()
      if (outcome.kind !== 'met') return outcome
    }
    return met
  },
  draw: ({ on = 'client', message, times }) => [
    { actor: on, towards: 'target', text: `${message} message, ${times} times` },
    { actor: on, towards: 'kit', text: 'its echo, each time' },
  ],
})

interface RoundTrip {
  readonly on: string
  readonly message: 'text' | 'binary'
  readonly payload: unknown
  readonly number: number
  readonly times: number
}

async function roundTrip(
  { on, message, payload, number, times }: RoundTrip,
  play: Play,
  signal: AbortSignal,
): Promise<Outcome> {
  const bytes = encodePayload(payload)
  const wanted = `the echo of message ${number} of ${times}`
  await socketOf(play, on).send([{ opcode: opcodes[message], payload: bytes }])
  for (;;) {
    const seen = (await inboxOf(play, on).next(signal))?.seen
    if (seen === undefined) return unmet(wanted, 'no echo in time', { late: true })
    if (seen.kind === 'message' && seen.type === message && Buffer.compare(seen.payload, bytes) === 0)
      return met
    if (!isIgnored(play, {}, seen))
      return unableIfTooLarge(play, on, seen) ?? unmet(wanted, describePeerObservation(seen))
  }
}

const endlessVerb = verb({
  name: 'endless-message',
  about:
    'Sends a message with fragments that never end, until the target fails the connection, the given number of bytes is sent, or the time is over.',
  expects: false,
  schema: Type.Object(
    {
      on: Type.Optional(ActorName),
      message: MessageType,
      fragment: Type.Integer({ minimum: 1, description: 'Bytes of each fragment' }),
      most: Type.Optional(
        Type.Integer({
          minimum: 1,
          description: 'Total number of bytes (default: one more than `maxMessage`)',
        }),
      ),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ on = 'client', message, fragment, most, within }, play) => {
    const peer = socketOf(play, on)
    const signal = play.bounds.within(within)
    const total = most ?? (play.target.description.websocket?.maxMessage ?? 0) + 1
    const piece = Buffer.alloc(fragment, 'x')
    const { wire } = peer.handshake.connection
    const isOver = (): boolean => peer.closeReceived || wire.ended !== undefined
    for (let sent = 0; sent < total && !signal.aborted && !isOver(); sent += fragment) {
      const opcode = sent === 0 ? opcodes[message] : opcodes.continuation
      const written = peer.send([{ opcode, fin: false, payload: piece.subarray(0, total - sent) }])
      await Promise.race([written, wire.changes.until(isOver, signal)])
    }
    return met
  },
  draw: ({ on = 'client', message }) => [
    { actor: on, towards: 'target', text: `endless ${message} message` },
  ],
})

const crowdVerb = verb({
  name: 'crowd',
  about: 'Opens many connections and sends the same frame on each. What arrives on them is not judged.',
  expects: false,
  schema: Type.Object(
    {
      size: Type.Integer({ minimum: 1, maximum: 200, description: 'How many connections' }),
      frame: FrameText,
    },
    closed,
  ),
  run: async ({ size, frame }, play) => {
    const members = Array.from({ length: size }, (_, index) => `member-${index + 1}`)
    const opened = await Promise.all(members.map((as) => connectVerb.run({ as }, play)))
    const failed = opened.find(({ kind }) => kind !== 'met')
    if (failed) return failed
    await Promise.all(members.map((on) => sendNow({ on, frames: [frame] }, play)))
    return met
  },
  draw: ({ size }) => [{ actor: 'crowd', towards: 'target', text: `a frame on each of ${size} connections` }],
})

export const longExchangeVerbs = [pongsVerb, roundTripsVerb, endlessVerb, crowdVerb]
