import { type Static, Type } from '@sinclair/typebox'
import { show } from '../../wire/bytes/bytes.ts'
import type { Play } from '../stage/play.ts'
import { publishMarker, waitForAll } from './markers.ts'
import { receiversOf } from './receive.ts'
import { type DeliveryTechnique, type Receiver, techniqueNames } from './receivers/receiver.ts'
import { compareSequences, describeDisorder, type Disorder } from './sequence.ts'
import type { DeliveryRecord } from './receivers/delivery-record.ts'
import { ActorName, asList, closed, DurationText, oneOrMore } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

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
    'oldest-may-be-missing': Type.Optional(
      Type.Boolean({
        description:
          'Of the updates that a receiver missed before it continued, the oldest may be missing, unless the description declares (`retains`) that so many are kept',
      }),
    ),
  },
  closed,
)
type DeliveredArgs = Static<typeof deliveredSchema>

const deliveredVerb = verb({
  name: 'delivered',
  about:
    'The receivers have got every update that was published since they were opened: unchanged, exactly once, in order, and nothing else. To check this, the kit publishes a marker, which arrives directly after these updates. It is inconclusive if updates are missing because a client was behind by more than 10, or by more than the description declares (`retains`).',
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
  const mayLackOldest = args['oldest-may-be-missing'] === true
  const isCompleteInTime = await waitForAll(
    receivers,
    ({ record }) => record.isComplete || (mayLackOldest && isUpToDate(record)),
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
  const disorders = receivers.flatMap((one) => disorderOf(one, marker, args, play) ?? [])
  const { text: disorder } = disorders.find(({ keeping }) => keeping === undefined) ?? disorders[0] ?? {}
  const keeping = disorders.every((one) => one.keeping !== undefined) ? disorders[0]?.keeping : undefined
  if (disorder !== undefined && keeping !== undefined)
    return unable(`${disorder}; the target description does not declare \`retains: ${keeping}\``)
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

/** Whether the newest update has arrived. */
const isUpToDate = ({ expected, received }: DeliveryRecord): boolean => received.at(-1) === expected.at(-1)

/** If one update takes less than this share of a bound, an update that misses the bound was held back by the target. */
const promptShare = 0.1

function describeMissing(receivers: readonly Receiver[], marker: string): string {
  const ended = receivers.find(({ record }) => !record.hasMarker(marker))?.record.ended
  return ended === undefined ? 'no update in time' : `no update: ${ended}`
}

function describeWanted(count: number, { order = 'published' }: DeliveredArgs): string {
  if (count === 0) return 'no update'
  if (count === 1) return 'the update exactly once'
  return `all ${count} updates exactly once${order === 'any' ? '' : ', in the order of publication'}`
}

const inQuotes = (text: string): string => show(Buffer.from(text), 80)

interface FoundDisorder {
  /** How the updates of one receiver differ from the expected ones. */
  readonly text: string
  /** How many updates the target must have kept to be blamed for it, if it is not known to keep so many. */
  readonly keeping: number | undefined
}

/** How the updates of one receiver differ from the expected ones; undefined if they do not. */
function disorderOf(
  receiver: Receiver,
  marker: string,
  args: DeliveredArgs,
  play: Play,
): FoundDisorder | undefined {
  const { technique, record } = receiver
  const normalize =
    args['line-ends'] === 'lf' ? (text: string) => text.replaceAll(/\r\n?/g, '\n') : (text: string) => text
  const all = compareSequences(record.expected.map(normalize), record.received.map(normalize))
  const disorder = args['oldest-may-be-missing'] === true ? withoutForgotten(all, record, play) : all
  const differences = [
    describeDisorder(disorder, { ordered: args.order !== 'any', show: inQuotes }),
    record.repeatedMarkers > 0 ? `${record.repeatedMarkers} of the kit's markers repeated` : undefined,
  ].filter((one) => one !== undefined)
  if (differences.length === 0) return undefined
  const ended = record.ended === undefined ? [] : [record.ended]
  return {
    text: `a sequence over ${techniqueNames[technique]} with ${[...differences, ...ended].join('; ')}`,
    keeping:
      isLossAlone(disorder, args) && record.repeatedMarkers === 0
        ? keepingOf(receiver, marker, play)
        : undefined,
  }
}

const isLossAlone = (
  { repeated, outOfOrder, altered, foreign }: Disorder,
  { order }: DeliveredArgs,
): boolean =>
  [repeated, order === 'any' ? [] : outOfOrder, altered, foreign].every(({ length }) => length === 0)

/** Every target is expected to keep so many updates for a moment, unless its description says that it keeps fewer. */
const usuallyKept = 10

/**
 * How many updates the target must have kept for this receiver, if it is not known to keep so many: those since the last
 * poll of a client that polls on, or those that a client missed whose position is then refused.
 */
function keepingOf({ technique, record }: Receiver, marker: string, play: Play): number | undefined {
  const { retains = usuallyKept } = play.target.description
  const { expected, received, ended, continuedAfter } = record
  const isPoller = technique === 'polling' || technique === 'long-polling'
  const isRefused = ended !== undefined && received.length === continuedAfter
  const isBehind = isPoller && continuedAfter === undefined && record.hasMarker(marker)
  const missed = expected.length - (continuedAfter ?? 0)
  return (isRefused || isBehind) && missed > retains ? missed : undefined
}

/** The disorder without the updates that the target no longer kept when the receiver continued: the oldest it had missed. */
function withoutForgotten(disorder: Disorder, record: DeliveryRecord, play: Play): Disorder {
  const { expected, continuedAfter } = record
  const { retains = 0 } = play.target.description
  if (continuedAfter === undefined || retains >= expected.length - continuedAfter) return disorder
  const isForgotten = disorder.lost.every((number, index) => number === continuedAfter + 1 + index)
  return isForgotten ? { ...disorder, lost: [] } : disorder
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
  `${text === undefined ? 'nothing' : show(Buffer.from(text), 60)} over ${techniqueNames[technique]}`

/** Describes the first position at which two receivers differ. */
function describeDifference(one: Receiver, other: Receiver): string {
  const [left, right] = [one.record.received, other.record.received]
  const isLeftLonger = left.length > right.length
  const at = (isLeftLonger ? left : right).findIndex((_, index) => left[index] !== right[index])
  return `${describeUpdate(left[at], one.technique)} but ${describeUpdate(right[at], other.technique)} as update ${at + 1}`
}

export const deliveredVerbs = [deliveredVerb, nothingVerb, sameVerb]
