import { type Static, Type } from '@sinclair/typebox'
import { readFrom } from '../../targets/cursor.ts'
import { From } from '../../targets/description/schema.ts'
import { show } from '../../wire/bytes/bytes.ts'
import type { Exchange } from '../../wire/exchange.ts'
import { ActorName, closed, DurationText, oneOrMore } from '../language/arguments.ts'
import {
  describeResponse,
  describeStatus,
  describeText,
  FieldExpectation,
  fieldMismatch,
  type Mismatch,
  StatusExpectation,
  statusMeets,
  TextExpectation,
  textMeets,
  unableIfRateLimited,
} from '../language/expectations.ts'
import { met, metAndFinished, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { timerToleranceMs } from '../stage/bounds.ts'
import type { Play } from '../stage/play.ts'
import { httpDate } from './date.ts'

const interimVerb = verb({
  name: 'interim',
  about: 'An interim answer comes: 100 (Continue), or, if that is as good, the final one at once.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      within: Type.Optional(DurationText),
      'or-final': Type.Optional(Type.Boolean()),
    },
    closed,
  ),
  run: async ({ to = 'request', within, 'or-final': orFinal = false }, play) => {
    const exchange = play.actors.exchange(to)
    const isHere = (): boolean => exchange.interim.length > 0 || exchange.completion !== undefined
    const wanted = orFinal ? '100 or a final answer' : '100'
    if (!(await exchange.until(isHere, play.bounds.within(within))))
      return unmet(wanted, 'nothing in time', { late: true })
    const isMet = exchange.interim.length > 0 || (orFinal && exchange.head !== undefined)
    return isMet ? met : unmet(wanted, describeResponse(exchange.head, exchange.completion))
  },
  draw: ({ to = 'request' }) => [{ actor: to, towards: 'kit', text: '100 Continue' }],
})

const responseSchema = Type.Object(
  {
    to: Type.Optional(ActorName),
    within: Type.Optional(DurationText),
    status: Type.Optional(StatusExpectation),
    'or-as': Type.Optional(
      Type.Union([ActorName], { description: 'The status that this one got is as good' }),
    ),
    version: Type.Optional(Type.String()),
    headers: Type.Optional(Type.Record(Type.String(), FieldExpectation)),
    interim: Type.Optional(
      Type.Union([StatusExpectation, Type.Literal('none')], { description: 'An answer before the answer' }),
    ),
    body: Type.Optional(TextExpectation),
    framing: Type.Optional(
      oneOrMore(Type.Union(['none', 'length', 'chunked', 'close'].map((name) => Type.Literal(name)))),
    ),
    complete: Type.Optional(
      Type.Boolean({ description: 'Wait for the whole response, not only its head (default)' }),
    ),
    unheld: Type.Optional(
      Type.Boolean({ description: 'It comes at once, and not only when the hold of a poll ends' }),
    ),
    refusal: Type.Optional(Type.Boolean({ description: 'A closed connection without an answer is as good' })),
    waiting: Type.Optional(
      Type.Boolean({ description: 'To wait for the content that the request has announced is as good' }),
    ),
    tolerated: Type.Optional(
      Type.Union([StatusExpectation], {
        description: 'Not what the rule asks for, and only worth a warning',
      }),
    ),
    permitted: Type.Optional(
      Type.Union([StatusExpectation], {
        description: 'Allowed instead, and the case ends here: there is nothing more to see',
      }),
    ),
  },
  closed,
)
type ResponseArgs = Static<typeof responseSchema>

const responseVerb = verb({
  name: 'response',
  about: 'Waits for the answer to a request and says how it must look.',
  expects: true,
  schema: responseSchema,
  run: async (given, play) => {
    const args = { ...given, ...statusToo(given, play) }
    const exchange = play.actors.exchange(args.to ?? 'request')
    const signal = play.bounds.within(args.within)
    const arrived = args.complete === false ? await exchange.headed(signal) : await exchange.completed(signal)
    if (args.refusal && isDropped(exchange)) return met
    if (args.waiting && !arrived && exchange.firstByteAt === undefined) return met
    if (!arrived) return unmet(wantedOf(args), lateAnswer(exchange), { late: true })
    const limited = unableIfRateLimited(exchange.head)
    if (limited) return limited
    if (args.unheld && isEndOfHold(play, args.to ?? 'request'))
      return unmet(
        wantedOf(args),
        `${describeResponse(exchange.head, exchange.completion)} when the hold was over`,
      )
    const status = exchange.head?.status
    if (status !== undefined && args.permitted !== undefined && statusMeets(args.permitted, status))
      return metAndFinished
    if (status !== undefined && args.tolerated !== undefined && statusMeets(args.tolerated, status))
      return unmet(wantedOf(args), describeResponse(exchange.head, exchange.completion), { grade: 'warn' })
    const mismatch = responseMismatch(args, exchange)
    return mismatch ? unmet(mismatch.expected, mismatch.observed) : met
  },
  draw: (args) => [{ actor: args.to ?? 'request', towards: 'kit', text: wantedOf(args) }],
})

/** The wanted status, with that of the answer which is as good. */
function statusToo({ status, 'or-as': name }: ResponseArgs, play: Play): Pick<ResponseArgs, 'status'> {
  const other = name === undefined ? undefined : play.actors.exchange(name).head?.status
  if (status === undefined) return {}
  return { status: other === undefined || statusMeets(status, other) ? status : [status, other].flat() }
}

/** The connection has ended, and nothing came for this request. */
const isDropped = ({ firstByteAt, connection }: Exchange): boolean =>
  firstByteAt === undefined && connection.stray === undefined && connection.wire.ended !== undefined

const wantedOf = ({ status, complete }: ResponseArgs): string =>
  `${complete === false ? 'the head of an answer' : 'a complete answer'}${status === undefined ? '' : ` with ${describeStatus(status)}`}`

/** Whether the answer to a poll took as long as the target holds one; a bound that is longer must not let it pass. */
function isEndOfHold(play: Play, name: string): boolean {
  const { exchange, holdMs } = play.actors.get(name)
  if (exchange?.completion === undefined || holdMs === undefined) return false
  return exchange.completion.at - exchange.sentAt >= holdMs - timerToleranceMs
}

function lateAnswer(exchange: Exchange): string {
  if (exchange.head === undefined) return 'no answer in time'
  return `${exchange.head.status} and ${exchange.content.length} bytes of content, but no end in time`
}

function responseMismatch(args: ResponseArgs, exchange: Exchange): Mismatch | undefined {
  const { head, completion } = exchange
  if (head === undefined) return { expected: wantedOf(args), observed: describeResponse(head, completion) }
  if (args.status !== undefined && !statusMeets(args.status, head.status))
    return { expected: describeStatus(args.status), observed: describeResponse(head, completion) }
  if (args.version !== undefined && head.version !== `HTTP/${args.version}`)
    return { expected: `HTTP/${args.version} in the status line`, observed: head.version }
  const interim = interimMismatch(args.interim, exchange)
  if (interim) return interim
  for (const [name, wanted] of Object.entries(args.headers ?? {})) {
    const mismatch = fieldMismatch(name, wanted, head.headers)
    if (mismatch) return mismatch
  }
  return args.complete === false ? undefined : bodyMismatch(args, exchange)
}

function interimMismatch(wanted: ResponseArgs['interim'], exchange: Exchange): Mismatch | undefined {
  if (wanted === undefined) return undefined
  const observed = exchange.interim.map(({ status }) => status).join(', ') || 'none'
  if (wanted === 'none')
    return exchange.interim.length === 0 ? undefined : { expected: 'no interim answer', observed }
  if (exchange.interim.some(({ status }) => statusMeets(wanted, status))) return undefined
  return { expected: `an interim answer with ${describeStatus(wanted)}`, observed }
}

function bodyMismatch(
  args: ResponseArgs,
  { completion, content, connection }: Exchange,
): Mismatch | undefined {
  if (completion?.kind === 'broken') return { expected: 'a complete answer', observed: completion.what }
  if (connection.stray !== undefined)
    return { expected: 'nothing after the answer', observed: connection.stray }
  if (args.framing !== undefined && completion && ![args.framing].flat().includes(completion.framing))
    return {
      expected: `an answer framed by ${[args.framing].flat().join(' or ')}`,
      observed: `framed by ${completion.framing}`,
    }
  const text = Buffer.from(content).toString()
  if (args.body !== undefined && !textMeets(args.body, text))
    return { expected: `a body that is ${describeText(args.body)}`, observed: show(content, 200) }
  return undefined
}

const captureVerb = verb({
  name: 'capture',
  about: 'Keeps values of an answer under names that later steps use as ${name}.',
  expects: false,
  schema: Type.Object(
    {
      from: ActorName,
      values: Type.Record(Type.String(), From),
      without: Type.Optional(Type.String({ description: 'Taken off where a value begins so' })),
      dates: Type.Optional(
        Type.String({ description: 'Keeps HTTP dates in this form: IMF-fixdate, RFC 850 or asctime' }),
      ),
    },
    closed,
  ),
  captures: ({ values }) => Object.keys(values),
  run: async ({ from, values, dates, without = '' }, play): Promise<Outcome> => {
    const exchange = play.actors.exchange(from)
    if (!(await exchange.headed(play.bounds.within())))
      return unable(`no answer to "${from}" to capture from`)
    for (const [name, place] of Object.entries(values)) {
      const value = captured(play, exchange, place)
      if (value === undefined) return unable(`the answer to "${from}" holds no ${JSON.stringify(place)}`)
      const kept = value.startsWith(without) ? value.slice(without.length) : value
      play.captures[name] = dates === undefined ? kept : httpDate(kept, dates)
    }
    return met
  },
  draw: ({ from, values }) => [
    { actor: from, towards: 'none', text: `keeps ${Object.keys(values).join(', ')}` },
  ],
})

const captured = (
  _play: Play,
  { head, content }: Exchange,
  place: Static<typeof From>,
): string | undefined =>
  head === undefined
    ? undefined
    : readFrom(place, { status: head.status, headers: head.headers, body: Buffer.from(content).toString() })

export const responseVerbs = [interimVerb, responseVerb, captureVerb]
