import { type Static, Type } from '@sinclair/typebox'
import { UpdateTooLarge } from '../../targets/errors/hook-failed.ts'
import { payload } from '../../wire/bytes/payload.ts'
import { show } from '../../wire/bytes/bytes.ts'
import type { Play } from '../stage/play.ts'
import { Ledger } from './receivers/delivery-record.ts'
import { all, listening, mark, publishAll } from './markers.ts'
import { disown, owe } from './expected-updates.ts'
import { openReceiver } from './receivers/open.ts'
import { type Over, overs, type Receiver, ReceiverGroup } from './receivers/receiver.ts'
import { opening } from '../language/request.ts'
import { compareSequences, describeDisorder } from './sequence.ts'
import { ActorName, asList, closed, DurationText, oneOrMore, PayloadText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const Channel = Type.Union([Type.Literal('own'), Type.Literal('other')])
const channelOf = (play: Play, channel: 'own' | 'other' = 'own'): string =>
  channel === 'own' ? play.identity.channel : play.identity.otherChannel

const receiverSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    over: Type.Union(
      overs.map((over) => Type.Literal(over)),
      { description: 'The technique; `websocket` is the feed of updates' },
    ),
    after: Type.Optional(
      Type.String({ description: 'The receiver that leaves; this one goes on from its position' }),
    ),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'So many alike' })),
    channel: Type.Optional(Channel),
  },
  closed,
)
type ReceiverArgs = Static<typeof receiverSchema>

const receiverVerb = verb({
  name: 'receiver',
  about:
    'A client that reads every update over one technique: it polls again and again, or keeps a stream or a WebSocket open. The case goes on once it has seen an update that the kit marked; one that goes on after another starts at once.',
  expects: false,
  schema: receiverSchema,
  run: async (args, play) => {
    const { as: name = 'receiver', count = 1, after } = args
    const before = after === undefined ? undefined : receiversOf(play, after)
    for (const one of before ?? []) one.drop('fin')
    const group = new ReceiverGroup(name)
    const { receivers } = group
    play.actors.add(group)
    // One after the other: more connections at once than a server's backlog holds would be lost on the way.
    const opened = await opening(async () => {
      const many = before?.length ?? count
      for (let index = 0; index < many; index++) {
        const actor = many === 1 ? name : `${name} ${index + 1}`
        receivers.push(await open(play, actor, args, before?.[index]))
      }
    })
    if (opened.kind !== 'met' || before !== undefined) return opened
    return listening(play, receivers)
  },
  draw: ({ as = 'receiver', over, after, count = 1 }) => [
    {
      actor: as,
      towards: 'target',
      text: `${after === undefined ? 'receives' : `goes on after ${after}`} over ${over}${count === 1 ? '' : `, ${count} alike`}`,
    },
  ],
})

async function open(
  play: Play,
  name: string,
  { over, channel }: ReceiverArgs,
  before: Receiver | undefined,
): Promise<Receiver> {
  const ledger =
    before?.ledger ?? new Ledger(channelOf(play, channel), (text) => play.publications.isForeign(text))
  const kind = over === 'websocket' ? 'updates' : over
  const scope = await play.openSession(kind, { channel: ledger.channel })
  return openReceiver(over, { play, name, scope, ledger, from: before?.position })
}

const receiversOf = (play: Play, name: string): readonly Receiver[] =>
  play.actors.getAs(name, ReceiverGroup).receivers

const publishManySchema = Type.Object(
  {
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'So many short ones' })),
    size: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 16 * 1024 * 1024, description: 'Bytes of each of them' }),
    ),
    sizes: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 16 * 1024 * 1024 }), {
        minItems: 1,
        description: 'One update of each size, in bytes',
      }),
    ),
    updates: Type.Optional(Type.Array(PayloadText, { minItems: 1, description: 'These updates' })),
    channel: Type.Optional(Channel),
    'in-flight': Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        description: 'How many are under way at a time; with more than one nobody can say in which order',
      }),
    ),
  },
  closed,
)
type PublishManyArgs = Static<typeof publishManySchema>

/** An update that says its number, of a given size. */
const numbered = (play: Play, number: number, size = 0): string => {
  const text = `update ${number} of ${play.identity.nonce} `
  return size === 0
    ? text.trimEnd()
    : text.padEnd(size, '0123456789abcdefghijklmnopqrstuvwxyz').slice(0, size)
}

const published = new WeakMap<Play, number>()

function textsOf({ count = 0, size, sizes = [], updates = [] }: PublishManyArgs, play: Play): string[] {
  const before = published.get(play) ?? 0
  published.set(play, before + count + sizes.length)
  const counted = Array.from({ length: count }, (_, index) => numbered(play, before + index + 1, size))
  const sized = sizes.map((each, index) => numbered(play, before + count + index + 1, each))
  return [...counted, ...sized, ...updates.map((update) => Buffer.from(payload(update)).toString())]
}

const publishManyVerb = verb({
  name: 'publish-many',
  about:
    'Makes the target publish one update after the other, each as soon as the one before was taken. Every receiver on the channel should then get them, but for those that the target refuses as too large, with 413.',
  expects: false,
  schema: publishManySchema,
  run: async (args, play) => {
    const channel = channelOf(play, args.channel)
    const waiting = textsOf(args, play)
    play.notes.add('publisher', `publishes ${waiting.length} updates`)
    for (const text of waiting) owe(play, channel, text)
    let taken = 0
    let refusal = ''
    const publishOn = async (): Promise<void> => {
      for (let text = waiting.shift(); text !== undefined; text = waiting.shift())
        try {
          await publishAll(play, [channel], text)
          taken++
        } catch (error) {
          if (!(error instanceof UpdateTooLarge)) throw error
          refusal = error.message
          play.notes.add('publisher', `refused: ${refusal}`)
          disown(play, channel, text)
        }
    }
    await Promise.all(Array.from({ length: args['in-flight'] ?? 1 }, publishOn))
    return taken === 0 ? unable(refusal) : met
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
        description: 'In the order of publication (the default), or in any',
      }),
    ),
    'line-ends': Type.Optional(
      Type.Union([Type.Literal('kept'), Type.Literal('lf')], {
        description:
          'Whether line ends come as they were published (the default), or each as a line feed, as in an event stream',
      }),
    ),
  },
  closed,
)
type DeliveredArgs = Static<typeof deliveredSchema>

const deliveredVerb = verb({
  name: 'delivered',
  about:
    'Receivers have got everything that was published since they came, unchanged, each update once and in order, and nothing else: what is published next follows directly.',
  expects: true,
  schema: deliveredSchema,
  run: (args, play) => everything(args, play),
  draw: ({ to = 'receiver', order }) =>
    asList(to).map((actor) => ({
      actor,
      towards: 'kit',
      text: `everything, each once${order === 'any' ? '' : ', in order'}`,
    })),
})

const nothingVerb = verb({
  name: 'delivered-nothing',
  about: 'Receivers have got no update at all: what is published next on their own channel is their first.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(To), within: Type.Optional(DurationText) }, closed),
  run: (args, play) => everything(args, play),
  draw: ({ to = 'receiver' }) => asList(to).map((actor) => ({ actor, towards: 'none', text: 'no update' })),
})

async function everything({ within = '10s', ...args }: DeliveredArgs, play: Play): Promise<Outcome> {
  const receivers = asList(args.to ?? 'receiver').flatMap((name) => receiversOf(play, name))
  const inTime = await all(receivers, ({ ledger }) => ledger.isComplete, play.bounds.within(within))
  const began = play.transcript.now()
  const last = await mark(play, receivers)
  const marked = play.transcript.now()
  const followed = await all(receivers, ({ ledger }) => ledger.has(last), play.bounds.within(within))
  const took = (followed ? play.transcript.now() : marked) - began
  const wrong = receivers.map((one) => disorderOf(one, args)).find((one) => one !== undefined)
  const wanted = expectation(receivers[0]?.ledger.owed.length ?? 0, args)
  // An update that is missing when a later one is there is lost, however slow this machine is.
  if (wrong !== undefined && followed) return unmet(wanted, wrong)
  if (wrong === undefined && followed && inTime) return met
  if (took > play.bounds.milliseconds(within) * promptPart)
    return unable(`one update took ${Math.round(took)} ms: too long to judge what did not come in time`, {
      retryMayHelp: true,
    })
  if (wrong !== undefined) return unmet(wanted, wrong, { late: true })
  return followed
    ? unmet(wanted, 'the last of them only when another one was published', { late: true })
    : unmet('the next update', endOf(receivers, last), { late: true })
}

/** What comes in less than this part of a bound comes promptly: what did not come within the bound was kept back. */
const promptPart = 0.1

const endOf = (receivers: readonly Receiver[], last: string): string =>
  receivers.find(({ ledger }) => !ledger.has(last))?.ledger.ended ?? 'nothing in time'

function expectation(count: number, { order = 'published' }: DeliveredArgs): string {
  if (count === 0) return 'no update'
  return `${count === 1 ? 'the update' : `all ${count} updates`}, each once${order === 'any' ? '' : ', in the order of publication'}`
}

const inQuotes = (text: string): string => show(Buffer.from(text), 80)

/** What is wrong about what one receiver got, in words. */
function disorderOf({ over, ledger }: Receiver, args: DeliveredArgs): string | undefined {
  const written =
    args['line-ends'] === 'lf' ? (text: string) => text.replaceAll(/\r\n?/g, '\n') : (text: string) => text
  const disorder = compareSequences(ledger.owed.map(written), ledger.received.map(written))
  const words = [
    describeDisorder(disorder, { ordered: args.order !== 'any', show: inQuotes }),
    ledger.marksAgain > 0
      ? `what the kit published between the steps came ${ledger.marksAgain} times again`
      : undefined,
  ].filter((one) => one !== undefined)
  if (words.length === 0) return undefined
  return `over ${over}: ${[...words, ...(ledger.ended === undefined ? [] : [ledger.ended])].join('; ')}`
}

const sameVerb = verb({
  name: 'same-sequence',
  about: 'Receivers have seen the same updates in the same order, whichever that is.',
  expects: true,
  schema: Type.Object({ of: To }, closed),
  run: ({ of }, play) => {
    const [first, ...others] = asList(of).flatMap((name) => receiversOf(play, name))
    const differing = others.find(({ ledger }) => !isSame(ledger.received, first?.ledger.received ?? []))
    if (differing === undefined || first === undefined) return met
    return unmet('one sequence for all', difference(first, differing))
  },
  draw: ({ of }) => [{ actor: 'kit', towards: 'none', text: `one sequence for ${asList(of).join(', ')}` }],
})

const isSame = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((text, index) => text === right[index])

const shown = (over: Over, text: string | undefined): string =>
  `${text === undefined ? 'nothing' : show(Buffer.from(text), 60)} over ${over}`

function difference(one: Receiver, other: Receiver): string {
  const [left, right] = [one.ledger.received, other.ledger.received]
  const at = Array.from({ length: Math.max(left.length, right.length) }, (_, index) => index).find(
    (index) => left[index] !== right[index],
  )
  return `as number ${(at ?? 0) + 1} ${shown(one.over, left[at ?? 0])}, but ${shown(other.over, right[at ?? 0])}`
}

export const contractVerbs = [receiverVerb, publishManyVerb, deliveredVerb, nothingVerb, sameVerb]
