import { type Static, Type } from '@sinclair/typebox'
import { opcodes } from '../../wire/websocket/frame.ts'
import { describePeerObservation } from '../../wire/websocket/peer.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { inboxOf, socketOf } from './peer.ts'
import { isIgnored } from './receive.ts'

const unreadSchema = Type.Object(
  {
    on: Type.Optional(ActorName),
    count: Type.Integer({ minimum: 2, maximum: 1000, description: 'How many messages' }),
    length: Type.Integer({ minimum: 8, maximum: 1024 * 1024, description: 'Bytes of each message' }),
    within: Type.Optional(DurationText),
  },
  closed,
)
type UnreadArgs = Static<typeof unreadSchema>

/** If the target takes in nothing for this time, it waits for its client to read. */
const stalledAfter = '200ms'
/** How many messages are sent in one write. */
const perWrite = 10

/** A message that begins with its number, in 4 bytes. */
function numbered(number: number, length: number): Buffer {
  const payload = Buffer.alloc(length, 'u')
  payload.writeUInt32BE(number)
  return payload
}

const unreadVerb = verb({
  name: 'unread-echoes',
  about:
    'Sends numbered binary messages and reads nothing meanwhile; then reads on. The echoes arrive in order and without a gap, all of them or until the target ends the connection.',
  expects: true,
  schema: unreadSchema,
  run: async (args, play) => {
    const { on = 'client' } = args
    const actor = play.actors.get(on)
    actor.stopReading()
    await sendWithoutReading(args, play)
    actor.resumeReading()
    return expectInOrder(args, play)
  },
  draw: ({ on = 'client', count }) => [
    { actor: on, towards: 'target', text: `${count} messages, while it does not read` },
    { actor: on, towards: 'kit', text: 'their echoes in order' },
  ],
})

/** Sends the messages, and waits until the target has taken them in or takes in nothing more. */
async function sendWithoutReading({ on = 'client', count, length }: UnreadArgs, play: Play): Promise<void> {
  const peer = socketOf(play, on)
  const { wire } = peer.handshake.connection
  const sent = { messages: 0 }
  const sendAll = async (): Promise<void> => {
    while (sent.messages < count) {
      const numbers = Array.from(
        { length: Math.min(perWrite, count - sent.messages) },
        (_, index) => sent.messages + index,
      )
      await peer.send(
        numbers.map((number) => ({ opcode: opcodes.binary, payload: numbered(number, length) })),
      )
      sent.messages += numbers.length
    }
  }
  const sending = sendAll()
  for (let before = -1; sent.messages < count && sent.messages !== before;) {
    before = sent.messages
    await Promise.race([sending, wire.changes.until(() => false, play.bounds.within(stalledAfter))])
  }
}

async function expectInOrder(
  { on = 'client', count, length, within }: UnreadArgs,
  play: Play,
): Promise<Outcome> {
  const signal = play.bounds.within(within)
  for (let number = 0; number < count;) {
    const wanted = `the echo of message ${number + 1} of ${count}, or the end of the connection`
    const seen = (await inboxOf(play, on).next(signal))?.seen
    if (seen === undefined) return unmet(wanted, 'no echo in time', { late: true })
    if (seen.kind === 'close' || seen.kind === 'end') {
      play.notes.add(on, `the target has ended the connection after ${number} of ${count} echoes`)
      return met
    }
    if (seen.kind === 'message' && numbered(number, length).equals(seen.payload)) number += 1
    else if (seen.kind === 'message' && seen.payload.length === length)
      return unmet(wanted, describeNumber(seen.payload))
    else if (!isIgnored(play, {}, seen)) return unmet(wanted, describePeerObservation(seen))
  }
  return met
}

const describeNumber = (payload: Uint8Array): string =>
  `the echo of message ${Buffer.from(payload).readUInt32BE() + 1}`

export const unreadEchoVerbs = [unreadVerb]
