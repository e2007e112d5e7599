import { type Static, Type } from '@sinclair/typebox'
import { UpdateTooLarge } from '../../targets/errors/hook-failed.ts'
import { payload } from '../../wire/bytes/payload.ts'
import { show } from '../../wire/bytes/bytes.ts'
import type { Play } from '../stage/play.ts'
import { DeliveryRecord } from './receivers/delivery-record.ts'
import { publishMarker, publishOnChannels, waitForAll, waitUntilReceiving } from './markers.ts'
import { dropRefusedUpdate, expectUpdate } from './expected-updates.ts'
import { openReceiver } from './receivers/open.ts'
import {
  type DeliveryTechnique,
  deliveryTechniques,
  type Receiver,
  ReceiverGroup,
} from './receivers/receiver.ts'
import { opening } from '../language/request.ts'
import { compareSequences, describeDisorder } from './sequence.ts'
import { ActorName, asList, closed, DurationText, oneOrMore, PayloadText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const Channel = Type.Union([Type.Literal('own'), Type.Literal('other')], {
  description: 'The channel of the case (the default), or another one',
})
const channelOf = (play: Play, channel: 'own' | 'other' = 'own'): string =>
  channel === 'own' ? play.identity.channel : play.identity.otherChannel

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
    for (const one of replaced ?? []) one.leave('fin')
    const group = new ReceiverGroup(name)
    const { receivers } = group
    play.actors.add(group)
    // One after the other: more connections at once than the server's backlog holds would be refused.
    const opened = await opening(async () => {
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
      text: `${after === undefined ? 'receives' : `continues after ${after}`} over ${over}${count === 1 ? '' : `, ${count} clients`}`,
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

const receiversOf = (play: Play, name: string): readonly Receiver[] =>
  play.actors.getAs(name, ReceiverGroup).receivers

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
  return [...counted, ...sized, ...updates.map((update) => Buffer.from(payload(update)).toString())]
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
  draw: ({ count, sizes, updates, channel = 'own' }) => [
    {
      actor: 'publisher',
      towards: 'target',
      text: `publish ${count ?? sizes?.length ?? updates?.length ?? 0} updates${channel === 'own' ? '' : ' on another channel'}`,
    },
  ],
})

const To = oneOrMore(ActorName)
const deliveredSchema = Type.Object(
  {
    to: Type.Optional(To),
    within: Type.Optional(DurationText),
    order: Type.Optional(
      Type.Union([Type.Literal('published'), Type.Literal('any')], {
        description: 'In the order of publication (the default), or in any order',
      }),
    ),
    'line-ends': Type.Optional(
      Type.Union([Type.Literal('kept'), Type.Literal('lf')], {
        description:
          'Whether line ends arrive as they were published (the default), or each as a line feed, as in an event stream',
      }),
    ),
  },
  closed,
)
type DeliveredArgs = Static<typeof deliveredSchema>

const deliveredVerb = verb({
  name: 'delivered',
  about:
    'The receivers have got every update that was published since they were opened: unchanged, exactly once, in order, and nothing else. To check this, the kit publishes a marker, which arrives directly after these updates.',
  expects: true,
  schema: deliveredSchema,
  run: (args, play) => judgeDelivery(args, play),
  draw: ({ to = 'receiver', order }) =>
    asList(to).map((actor) => ({
      actor,
      towards: 'kit',
      text: `all updates, exactly once${order === 'any' ? '' : ', in order'}`,
    })),
})

const nothingVerb = verb({
  name: 'delivered-nothing',
  about:
    'The receivers have got no update since they were opened. To check this, the kit publishes a marker on their channel, which is the next update to arrive.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(To), within: Type.Optional(DurationText) }, closed),
  run: (args, play) => judgeDelivery(args, play),
  draw: ({ to = 'receiver' }) => asList(to).map((actor) => ({ actor, towards: 'none', text: 'no update' })),
})

async function judgeDelivery({ within = '10s', ...args }: DeliveredArgs, play: Play): Promise<Outcome> {
  const receivers = asList(args.to ?? 'receiver').flatMap((name) => receiversOf(play, name))
  const isCompleteInTime = await waitForAll(
    receivers,
    ({ record }) => record.isComplete,
    play.bounds.within(within),
  )
  const startedAt = play.transcript.now()
  const marker = await publishMarker(play, receivers)
  const publishedAt = play.transcript.now()
  const hasMarkerArrived = await waitForAll(
    receivers,
    ({ record }) => record.hasMarker(marker),
    play.bounds.within(within),
  )
  const took = (hasMarkerArrived ? play.transcript.now() : publishedAt) - startedAt
  const disorder = receivers.map((one) => disorderOf(one, args)).find((one) => one !== undefined)
  const wanted = describeWanted(receivers[0]?.record.expected.length ?? 0, args)
  // An update that is missing after a later one has arrived is lost, however slow this machine is.
  if (disorder !== undefined && hasMarkerArrived) return unmet(wanted, disorder)
  if (disorder === undefined && hasMarkerArrived && isCompleteInTime) return met
  if (took > play.bounds.milliseconds(within) * promptShare)
    return unable(`a single update took ${Math.round(took)} ms: too slow to judge whether others are late`, {
      retryMayHelp: true,
    })
  if (disorder !== undefined) return unmet(wanted, disorder, { late: true })
  return hasMarkerArrived
    ? unmet(wanted, 'the last one only after another update was published', { late: true })
    : unmet('the next update', describeMissing(receivers, marker), { late: true })
}

/** If one update takes less than this share of a bound, an update that misses the bound was held back by the target. */
const promptShare = 0.1

function describeMissing(receivers: readonly Receiver[], marker: string): string {
  const ended = receivers.find(({ record }) => !record.hasMarker(marker))?.record.ended
  return ended === undefined ? 'no update in time' : `no update: ${ended}`
}

function describeWanted(count: number, { order = 'published' }: DeliveredArgs): string {
  if (count === 0) return 'no update'
  return `${count === 1 ? 'the update' : `all ${count} updates`} exactly once${order === 'any' ? '' : ', in the order of publication'}`
}

const inQuotes = (text: string): string => show(Buffer.from(text), 80)

/** Describes how the updates of one receiver differ from the expected ones; undefined if they do not. */
function disorderOf({ technique, record }: Receiver, args: DeliveredArgs): string | undefined {
  const normalize =
    args['line-ends'] === 'lf' ? (text: string) => text.replaceAll(/\r\n?/g, '\n') : (text: string) => text
  const disorder = compareSequences(record.expected.map(normalize), record.received.map(normalize))
  const differences = [
    describeDisorder(disorder, { ordered: args.order !== 'any', show: inQuotes }),
    record.repeatedMarkers > 0 ? `${record.repeatedMarkers} of the kit's markers repeated` : undefined,
  ].filter((one) => one !== undefined)
  if (differences.length === 0) return undefined
  const ended = record.ended === undefined ? [] : [record.ended]
  return `a sequence over ${technique} with ${[...differences, ...ended].join('; ')}`
}

const sameVerb = verb({
  name: 'same-sequence',
  about: 'All receivers have got the same updates in the same order, whatever that order is.',
  expects: true,
  schema: Type.Object({ of: To }, closed),
  run: ({ of }, play) => {
    const [first, ...others] = asList(of).flatMap((name) => receiversOf(play, name))
    const differing = others.find(({ record }) => !isSame(record.received, first?.record.received ?? []))
    if (differing === undefined || first === undefined) return met
    return unmet('the same sequence for all receivers', describeDifference(first, differing))
  },
  draw: ({ of }) => [
    { actor: 'kit', towards: 'none', text: `the same sequence for ${asList(of).join(', ')}` },
  ],
})

const isSame = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((text, index) => text === right[index])

const describeUpdate = (text: string | undefined, technique: DeliveryTechnique): string =>
  `${text === undefined ? 'nothing' : show(Buffer.from(text), 60)} over ${technique}`

/** Describes the first position at which two receivers differ. */
function describeDifference(one: Receiver, other: Receiver): string {
  const [left, right] = [one.record.received, other.record.received]
  const isLeftLonger = left.length > right.length
  const at = (isLeftLonger ? left : right).findIndex((_, index) => left[index] !== right[index])
  return `${describeUpdate(left[at], one.technique)} but ${describeUpdate(right[at], other.technique)} as update ${at + 1}`
}

export const contractVerbs = [receiverVerb, publishManyVerb, deliveredVerb, nothingVerb, sameVerb]
