import { type Static, Type } from '@sinclair/typebox'
import { readFrom } from '../../targets/cursor.ts'
import { From } from '../../targets/description/schema.ts'
import { show } from '../../wire/bytes/bytes.ts'
import type { Exchange, ResponseHead } from '../../wire/exchange.ts'
import { ActorName, asList, closed, DurationText, oneOrMore } from '../language/arguments.ts'
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
import { met, metAndFinished, metByRefusal, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { timerToleranceMs } from '../stage/bounds.ts'
import type { Play } from '../stage/play.ts'
import { httpDate } from './date.ts'
import { Requester } from './request.ts'

const interimVerb = verb({
  name: 'interim',
  about:
    'An interim response, 100 (Continue), arrives; with `or-final`, the final response is accepted instead.',
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
    const hasArrived = (): boolean => exchange.interim.length > 0 || exchange.completion !== undefined
    const expected = orFinal ? 'an interim or a final response' : 'an interim response'
    if (!(await exchange.until(hasArrived, play.bounds.within(within))))
      return unmet(expected, 'no response in time', { late: true })
    const isMet = exchange.interim.length > 0 || (orFinal && exchange.head !== undefined)
    return isMet ? met : unmet(expected, describeResponse(exchange.head, exchange.completion))
  },
  draw: ({ to = 'request' }) => [{ actor: to, towards: 'kit', text: '100 Continue' }],
})

const responseSchema = Type.Object(
  {
    to: Type.Optional(ActorName),
    within: Type.Optional(DurationText),
    status: Type.Optional(StatusExpectation),
    'or-as': Type.Optional(
      Type.Union([ActorName], { description: 'The status of the response to this request is accepted too' }),
    ),
    version: Type.Optional(Type.String()),
    headers: Type.Optional(Type.Record(Type.String(), FieldExpectation)),
    interim: Type.Optional(
      Type.Union([StatusExpectation, Type.Literal('none')], {
        description: 'The status of an expected interim response, or none',
      }),
    ),
    body: Type.Optional(TextExpectation),
    framing: Type.Optional(
      oneOrMore(Type.Union(['none', 'length', 'chunked', 'close'].map((name) => Type.Literal(name)))),
    ),
    complete: Type.Optional(
      Type.Boolean({
        description: 'Wait for the complete response (default), or only for its header section',
      }),
    ),
    unheld: Type.Optional(
      Type.Boolean({ description: 'The response arrives before the hold of the poll ends' }),
    ),
    refusal: Type.Optional(
      Type.Boolean({ description: 'Also met if the connection is closed without a response' }),
    ),
    waiting: Type.Optional(
      Type.Boolean({
        description: 'Also met if no response arrives, because the target may wait for the announced content',
      }),
    ),
    tolerated: Type.Optional(
      Type.Union([StatusExpectation], {
        description: 'A status that breaks the rule but gives only a warning',
      }),
    ),
    'tolerated-with': Type.Optional(
      Type.Record(Type.String(), FieldExpectation, {
        description: 'The fields with which the tolerated status is tolerated (default: with any)',
      }),
    ),
    permitted: Type.Optional(
      Type.Union([StatusExpectation], {
        description: 'A status that is accepted too and ends the case, because nothing is left to judge',
      }),
    ),
    'permitted-with': Type.Optional(
      Type.Record(Type.String(), FieldExpectation, {
        description: 'The fields with which the permitted status is accepted (default: with any)',
      }),
    ),
  },
  closed,
)
type ResponseArgs = Static<typeof responseSchema>

const responseVerb = verb({
  name: 'response',
  about: 'Waits for the response to a request and checks the given properties.',
  expects: true,
  demandsEach: ['lists'],
  schema: responseSchema,
  run: async (given, play) => {
    const args = { ...given, ...acceptedStatus(given, play) }
    const exchange = play.actors.exchange(args.to ?? 'request')
    const signal = play.bounds.within(args.within)
    const arrived = args.complete === false ? await exchange.headed(signal) : await exchange.completed(signal)
    if (args.refusal && isClosedWithoutResponse(exchange)) return metByRefusal('closed')
    if (args.waiting && !arrived && exchange.firstByteAt === undefined) return met
    if (!arrived) return unmet(describeExpected(args), describeLateResponse(exchange), { late: true })
    const limited = isDeclaredRefusal(play, args) ? undefined : unableIfRateLimited(exchange.head)
    if (limited) return limited
    if (args.unheld && hasLastedAsLongAsHold(play, args.to ?? 'request'))
      return unmet(
        describeExpected(args),
        `${describeResponse(exchange.head, exchange.completion)} at the end of the hold`,
      )
    const status = exchange.head?.status
    if (isOneOf(args.permitted, args['permitted-with'], exchange.head)) return metAndFinished
    if (isOneOf(args.tolerated, args['tolerated-with'], exchange.head))
      return unmet(describeExpected(args), describeResponse(exchange.head, exchange.completion), {
        grade: 'warn',
      })
    const mismatch = responseMismatch(args, exchange)
    if (mismatch) return unmet(mismatch.expected, mismatch.observed)
    return status !== undefined && demandsRefusal(args) ? metByRefusal(status) : met
  },
  draw: (args) => [{ actor: args.to ?? 'request', towards: 'kit', text: describeExpected(args) }],
})

/** Whether the response has one of these statuses, with the fields that it must have then. */
const isOneOf = (
  statuses: ResponseArgs['permitted'],
  fields: ResponseArgs['permitted-with'] = {},
  head: ResponseHead | undefined,
): boolean =>
  head !== undefined &&
  statuses !== undefined &&
  statusMeets(statuses, head.status) &&
  Object.entries(fields).every(([name, wanted]) => fieldMismatch(name, wanted, head.headers) === undefined)
/** Whether the target may refuse the request with any status, so that a 429 is the declared answer. */
function isDeclaredRefusal(play: Play, { to = 'request' }: ResponseArgs): boolean {
  const actor = play.actors.get(to)
  return actor instanceof Requester && actor.isDeclaredRefusal
}

/** The expected status, with that of the response that `or-as` names. */
function acceptedStatus({ status, 'or-as': name }: ResponseArgs, play: Play): Pick<ResponseArgs, 'status'> {
  const other = name === undefined ? undefined : play.actors.exchange(name).head?.status
  if (status === undefined) return {}
  return { status: other === undefined || statusMeets(status, other) ? status : [status, other].flat() }
}

/** Whether only a status that refuses the request meets the expectation. */
const demandsRefusal = ({ status, refusal = false }: ResponseArgs): boolean =>
  refusal || (status !== undefined && asList(status).every((one) => /^[45]/.test(String(one))))

/** Whether the connection has ended before any byte of a response to this request. */
const isClosedWithoutResponse = ({ firstByteAt, connection }: Exchange): boolean =>
  firstByteAt === undefined && connection.stray === undefined && connection.wire.ended !== undefined

const describeExpected = ({ status, complete }: ResponseArgs): string =>
  `${complete === false ? 'the header section of a response' : 'a complete response'}${status === undefined ? '' : ` with ${describeStatus(status)}`}`

/** Whether the response to a poll took as long as the target holds a request, whatever the bound on time is. */
function hasLastedAsLongAsHold(play: Play, name: string): boolean {
  const { exchange, holdMs } = play.actors.get(name)
  if (exchange?.completion === undefined || holdMs === undefined) return false
  return exchange.completion.at - exchange.sentAt >= holdMs - timerToleranceMs
}

function describeLateResponse(exchange: Exchange): string {
  if (exchange.head === undefined) return 'no response in time'
  return `${exchange.head.status} and ${exchange.content.length} bytes of content, incomplete in time`
}

function responseMismatch(args: ResponseArgs, exchange: Exchange): Mismatch | undefined {
  const { head, completion } = exchange
  if (head === undefined)
    return { expected: describeExpected(args), observed: describeResponse(head, completion) }
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
  const observed = exchange.interim.map(({ status }) => status).join(', ') || 'no interim response'
  if (wanted === 'none')
    return exchange.interim.length === 0 ? undefined : { expected: 'no interim response', observed }
  if (exchange.interim.some(({ status }) => statusMeets(wanted, status))) return undefined
  return { expected: `an interim response with ${describeStatus(wanted)}`, observed }
}

function bodyMismatch(
  args: ResponseArgs,
  { completion, content, connection }: Exchange,
): Mismatch | undefined {
  if (completion?.kind === 'broken') return { expected: 'a complete response', observed: completion.what }
  if (connection.stray !== undefined)
    return { expected: 'no bytes after the response', observed: connection.stray }
  if (args.framing !== undefined && completion && ![args.framing].flat().includes(completion.framing))
    return {
      expected: `a response framed by ${[args.framing].flat().join(' or ')}`,
      observed: `a response framed by ${completion.framing}`,
    }
  const text = Buffer.from(content).toString()
  if (args.body !== undefined && !textMeets(args.body, text))
    return { expected: `a body that is ${describeText(args.body)}`, observed: show(content, 200) }
  return undefined
}

const endsThereVerb = verb({
  name: 'ends-there',
  about: 'After the response no further byte arrives on its connection within the given time.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), for: DurationText }, closed),
  run: async ({ request = 'request', for: time }, play) => {
    const { connection } = play.actors.exchange(request)
    const isDisturbed = (): boolean => connection.stray !== undefined || connection.wire.ended !== undefined
    await connection.wire.changes.until(isDisturbed, play.bounds.within(time))
    return connection.stray === undefined ? met : unmet('no bytes after the response', connection.stray)
  },
  draw: ({ request = 'request', for: time }) => [
    { actor: request, towards: 'none', text: `nothing follows for ${time}` },
  ],
})

const captureVerb = verb({
  name: 'capture',
  about: 'Stores values from a response under names that later steps use as ${name}.',
  expects: false,
  schema: Type.Object(
    {
      from: ActorName,
      values: Type.Record(Type.String(), From),
      without: Type.Optional(Type.String({ description: 'A prefix to remove from the values' })),
      unquoted: Type.Optional(
        Type.Boolean({ description: 'Remove the quotation marks around the values too' }),
      ),
      dates: Type.Optional(
        Type.String({ description: 'Store HTTP dates in this format: IMF-fixdate, RFC 850 or asctime' }),
      ),
    },
    closed,
  ),
  captures: ({ values }) => Object.keys(values),
  run: async ({ from, values, dates, without = '', unquoted = false }, play): Promise<Outcome> => {
    const exchange = play.actors.exchange(from)
    if (!(await exchange.headed(play.bounds.within())))
      return unable(`no response to "${from}" to capture values from`)
    for (const [name, place] of Object.entries(values)) {
      const value = valueAt(exchange, place)
      if (value === undefined) return unable(`the response to "${from}" has no ${JSON.stringify(place)}`)
      const rest = value.startsWith(without) ? value.slice(without.length) : value
      const stored = unquoted ? rest.replaceAll(/^"|"$/g, '') : rest
      play.captures[name] = dates === undefined ? stored : httpDate(stored, dates)
    }
    return met
  },
  draw: ({ from, values }) => [
    { actor: from, towards: 'none', text: `stores ${Object.keys(values).join(', ')}` },
  ],
})

const valueAt = ({ head, content }: Exchange, place: Static<typeof From>): string | undefined =>
  head === undefined
    ? undefined
    : readFrom(place, { status: head.status, headers: head.headers, body: Buffer.from(content).toString() })

export const responseVerbs = [interimVerb, responseVerb, endsThereVerb, captureVerb]
