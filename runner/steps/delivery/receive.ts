import { type Static, Type } from '@sinclair/typebox'
import type { Play } from '../stage/play.ts'
import { Channel, channelOf } from './channel.ts'
import { waitUntilReceiving } from './markers.ts'
import { DeliveryRecord } from './receivers/delivery-record.ts'
import { openReceiver } from './receivers/open.ts'
import { deliveryTechniques, type Receiver, ReceiverGroup, techniqueNames } from './receivers/receiver.ts'
import { unableUnlessConnected } from '../language/request.ts'
import { ActorName, closed } from '../language/arguments.ts'
import { verb } from '../language/verb.ts'

const receiverSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    over: Type.Union(
      deliveryTechniques.map((technique) => Type.Literal(technique)),
      { description: 'The technique; `websocket` stands for `websocket.updates` of the target description' },
    ),
    after: Type.Optional(
      Type.String({
        description: 'The receiver to replace: it leaves, and this one continues from its position',
      }),
    ),
    count: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200,
        description: 'How many receivers to open under this name (default 1)',
      }),
    ),
    channel: Type.Optional(Channel),
  },
  closed,
)
type ReceiverArgs = Static<typeof receiverSchema>

const receiverVerb = verb({
  name: 'receiver',
  about:
    'Opens a client that reads every update over one technique: it polls repeatedly, or keeps an event stream or a WebSocket open. The case continues once the client has got a marker, an update of the kit itself. With `after`, the case does not wait for a marker.',
  expects: false,
  schema: receiverSchema,
  run: async (args, play) => {
    const { as: name = 'receiver', count = 1, after } = args
    const replaced = after === undefined ? undefined : receiversOf(play, after)
    for (const one of replaced ?? []) {
      one.leave('fin')
      one.record.continuedAfter = one.record.received.length
    }
    const group = new ReceiverGroup(name)
    const { receivers } = group
    play.actors.add(group)
    // One after the other: more connections at once than the server's backlog holds would be refused.
    const opened = await unableUnlessConnected(async () => {
      const total = replaced?.length ?? count
      for (let index = 0; index < total; index++) {
        const actor = total === 1 ? name : `${name} ${index + 1}`
        receivers.push(await open(play, actor, args, replaced?.[index]))
      }
    })
    if (opened.kind !== 'met' || replaced !== undefined) return opened
    return waitUntilReceiving(play, receivers)
  },
  draw: ({ as = 'receiver', over, after, count = 1 }) => [
    {
      actor: as,
      towards: 'target',
      text: `${after === undefined ? 'receives' : `continues after ${after}`} over ${techniqueNames[over]}${count === 1 ? '' : `, ${count} clients`}`,
    },
  ],
})

async function open(
  play: Play,
  name: string,
  { over, channel }: ReceiverArgs,
  replaced: Receiver | undefined,
): Promise<Receiver> {
  const record =
    replaced?.record ??
    new DeliveryRecord(channelOf(play, channel), (text) => play.publications.isForeign(text))
  const kind = over === 'websocket' ? 'updates' : over
  const scope = await play.openSession(kind, { channel: record.channel })
  return openReceiver(over, { play, name, scope, record, from: replaced?.position })
}

/** The receivers of that name. Throws `UnknownActor`. */
export const receiversOf = (play: Play, name: string): readonly Receiver[] =>
  play.actors.getAs(name, ReceiverGroup).receivers

export const receiverVerbs = [receiverVerb]
