import { Type } from '@sinclair/typebox'
import { differenceBeyond, showWithSize } from '../../wire/bytes/bytes.ts'
import { encodePayload } from '../../wire/bytes/payload.ts'
import { opcodes } from '../../wire/websocket/frame.ts'
import { describePeerObservation, type PeerObservation, shownBytes } from '../../wire/websocket/peer.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText, PayloadText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { inboxOf, socketOf } from './peer.ts'
import { exchangePings } from './failed.ts'
import { isIgnored, meets, unableIfTooLarge } from './receive.ts'
import { MessageType } from './send.ts'

const Message = Type.Object({ message: MessageType, payload: PayloadText }, closed)

const repliesVerb = verb({
  name: 'replies',
  about:
    'The message arrives, and pongs for these pings, in any order among each other. A pong may stand between two frames of the message, but not inside one of them. Only the pong for the last ping is required (RFC 6455 section 5.5.3).',
  expects: true,
  schema: Type.Object(
    {
      on: Type.Optional(ActorName),
      ...Message.properties,
      pongs: Type.Array(PayloadText, { minItems: 1, description: 'The payloads of the pings' }),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ on = 'client', pongs, within, ...message }, play) => {
    const signal = play.bounds.within(within)
    const wanted = `${describeMessage(message)}, and a pong for the last of ${pongs.length} pings`
    let isMessageMissing = true
    let next = 0
    while (isMessageMissing || next < pongs.length) {
      const seen = (await inboxOf(play, on).next(signal))?.seen
      if (seen === undefined)
        return unmet(
          wanted,
          isMessageMissing ? 'no such message in time' : 'no pong for the last ping in time',
          {
            late: true,
          },
        )
      const found = pongs.findIndex((payload, at) => at >= next && meets({ frame: 'pong', payload }, seen))
      if (found >= 0) next = found + 1
      else if (isMessageMissing && meets(message, seen)) isMessageMissing = false
      else if (!isIgnored(play, {}, seen))
        return unableIfTooLarge(play, on, seen) ?? unmet(wanted, describeDifference(message.payload, seen))
    }
    return met
  },
  draw: ({ on = 'client', message, pongs }) => [
    { actor: on, towards: 'kit', text: `${message} message, pongs for ${pongs.length} pings` },
  ],
})

const describeMessage = ({ message, payload }: { message: string; payload: unknown }): string =>
  `a ${message} message of ${showWithSize(encodePayload(payload), shownBytes)}`

/** Describes what arrived instead of a message; of a long message also the first wrong byte. */
const describeDifference = (payload: unknown, seen: PeerObservation): string =>
  `${describePeerObservation(seen)}${
    seen.kind === 'message' ? differenceBeyond(shownBytes, encodePayload(payload), seen.payload) : ''
  }`

/** With a slow target fewer pings are sent. */
const longest = '10s'

const pingsVerb = verb({
  name: 'pings',
  about:
    'Sends pings, each after the pong for the one before, so that each of them must get its pong. Messages that arrive meanwhile are ignored. With a slow target it stops after 10 s.',
  expects: true,
  schema: Type.Object(
    {
      on: Type.Optional(ActorName),
      times: Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many pings' }),
      behind: Type.Optional(
        Type.Object(Message.properties, {
          ...closed,
          description: 'A message that is sent in front of each ping, in the same write',
        }),
      ),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ on = 'client', times, behind, within }, play) => {
    const before =
      behind === undefined
        ? []
        : [{ opcode: opcodes[behind.message], payload: encodePayload(behind.payload) }]
    const isOver = play.bounds.within(longest)
    for (let number = 1; number <= times && !isOver.aborted; number++) {
      const payload = `ping ${number}`
      await socketOf(play, on).send([...before, { opcode: opcodes.ping, payload: Buffer.from(payload) }])
      const outcome = await expectPong({ on, payload, within }, play)
      if (outcome.kind !== 'met') return outcome
    }
    return met
  },
  draw: ({ on = 'client', times }) => [
    { actor: on, towards: 'target', text: `ping, ${times} times` },
    { actor: on, towards: 'kit', text: 'its pong, each time' },
  ],
})

async function expectPong(
  { on, payload, within }: { on: string; payload: string; within: string | undefined },
  play: Play,
): Promise<Outcome> {
  const signal = play.bounds.within(within)
  const wanted = `a pong of ${showWithSize(Buffer.from(payload), shownBytes)}`
  for (;;) {
    const seen = (await inboxOf(play, on).next(signal))?.seen
    if (seen === undefined) return unmet(wanted, 'no such pong in time', { late: true })
    if (meets({ frame: 'pong', payload }, seen)) return met
    if (!['message', 'ping', 'pong'].includes(seen.kind))
      return unableIfTooLarge(play, on, seen) ?? unmet(wanted, describePeerObservation(seen))
  }
}

const unansweredVerb = verb({
  name: 'unanswered',
  about:
    'No message and no pong arrives, because the target waits for the rest of a frame. It may also fail the connection. What is judged are the observations of the time in which the target responds to some pings on another connection.',
  expects: true,
  schema: Type.Object(
    {
      on: Type.Optional(ActorName),
      clock: Type.String({ description: 'The other connection' }),
      for: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ on = 'client', clock, for: time = '150ms' }, play) => {
    const wanted = 'no message and no pong, because the frame is not complete'
    const first = await firstAnswer(on, play, play.bounds.within(time))
    if (first === undefined) await exchangePings(clock, play)
    const seen = first ?? (await firstAnswer(on, play, AbortSignal.abort()))
    return seen === undefined || seen.kind === 'close' || seen.kind === 'end'
      ? met
      : unmet(wanted, describePeerObservation(seen))
  },
  draw: ({ on = 'client' }) => [{ actor: on, towards: 'none', text: 'no response' }],
})

/** The first message, pong or end; undefined if there is none before `signal` aborts. */
async function firstAnswer(
  on: string,
  play: Play,
  signal: AbortSignal,
): Promise<PeerObservation | undefined> {
  for (;;) {
    const seen = (await inboxOf(play, on).next(signal))?.seen
    if (seen === undefined || !isIgnored(play, { frame: 'pong' }, seen)) return seen
  }
}

export const conversationVerbs = [repliesVerb, pingsVerb, unansweredVerb]
