import { type Static, Type } from '@sinclair/typebox'
import { differenceBeyond, show } from '../../wire/bytes/bytes.ts'
import type { Exchange } from '../../wire/exchange.ts'
import { describeResponse, statusMeets } from '../language/expectations.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, oneOrMore } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const Fields = oneOrMore(Type.String({ description: 'The name of a header field' }))

const sameSchema = Type.Object(
  {
    first: ActorName,
    second: ActorName,
    status: Type.Optional(Type.Boolean()),
    'or-refused': Type.Optional(
      Type.Boolean({
        description: 'The second request may be refused instead: with a 4xx, or by closing the connection',
      }),
    ),
    body: Type.Optional(Type.Boolean()),
    tags: Type.Optional(
      Type.Boolean({ description: 'Both have the same entity tag; a W/ prefix is ignored' }),
    ),
    fields: Type.Optional(
      Type.Union([Fields], { description: 'Fields that are equal in both responses, or missing in both' }),
    ),
    optional: Type.Optional(
      Type.Union([Fields], { description: 'Fields that the second response may omit, but not change' }),
    ),
    kept: Type.Optional(
      Type.Union([Fields], {
        description: 'Fields that the second response has, with any value, if the first has them',
      }),
    ),
    length: Type.Optional(
      Type.Boolean({
        description:
          'If the second response has a Content-Length, its value is the number of bytes of content in the first',
      }),
    ),
    control: Type.Optional(
      Type.Union([ActorName], {
        description:
          'The first request again, sent after the second one: where their responses differ, nothing promises that the second agrees with the first, and it is not compared',
      }),
    ),
  },
  closed,
)
type SameArgs = Static<typeof sameSchema>

/** Waits for complete responses to all these requests; an outcome if one of them is missing or broken. */
export async function completeResponses(play: Play, names: readonly string[]): Promise<Exchange[] | Outcome> {
  const exchanges = names.map((name) => play.actors.exchange(name))
  for (const [index, exchange] of exchanges.entries()) {
    if (!(await exchange.completed(play.bounds.within())))
      return unmet(`a complete response to ${names[index]}`, 'no complete response in time', { late: true })
    if (exchange.head === undefined || exchange.completion?.kind !== 'complete')
      return unmet(
        `a complete response to ${names[index]}`,
        describeResponse(exchange.head, exchange.completion),
      )
  }
  return exchanges
}

/** Whether the request was refused; undefined if there is no response in time and the connection is open. */
async function isRefused(play: Play, name: string): Promise<boolean | undefined> {
  const exchange = play.actors.exchange(name)
  if (!(await exchange.completed(play.bounds.within()))) return undefined
  const { head, connection } = exchange
  return head === undefined ? connection.wire.ended !== undefined : statusMeets('4xx', head.status)
}

const fieldLine = (name: string, value: string | undefined): string =>
  value === undefined ? `no ${name} field` : `${name}: ${value}`

const fieldValue = (exchange: Exchange, name: string): string | undefined => exchange.head?.headers.get(name)

const opaqueTag = (exchange: Exchange): string | undefined =>
  fieldValue(exchange, 'etag')?.replace(/^W\//, '')

/** The responses that are compared. With a control, only what it has in common with the first one is compared. */
interface Compared {
  readonly first: Exchange
  readonly second: Exchange
  readonly control: Exchange | undefined
}

/** Whether both responses to the first request agree in what `of` reads. */
const isStable = ({ first, control }: Compared, of: (exchange: Exchange) => unknown): boolean =>
  control === undefined || of(first) === of(control)

const statusOf = ({ head }: Exchange): number | undefined => head?.status
export const textOf = ({ content }: Exchange): string => Buffer.from(content).toString('latin1')
const lengthOf = ({ content }: Exchange): number => content.length

function fieldDifference(compared: Compared, args: SameArgs): Outcome | undefined {
  const { first, second } = compared
  if (args.tags && isStable(compared, opaqueTag) && opaqueTag(first) !== opaqueTag(second))
    return unmet(
      `${fieldLine('ETag', opaqueTag(first))}, as in the response to "${args.first}"`,
      fieldLine('ETag', opaqueTag(second)),
    )
  const { fields = [], optional = [], kept = [] } = args
  for (const name of [fields, optional, kept].flat()) {
    const [inFirst, inSecond] = [fieldValue(first, name), fieldValue(second, name)]
    if (inFirst === inSecond || (inSecond === undefined && [optional].flat().includes(name))) continue
    const mayDiffer =
      [kept].flat().includes(name) || !isStable(compared, (exchange) => fieldValue(exchange, name))
    if (mayDiffer && (inFirst === undefined || inSecond !== undefined)) continue
    return unmet(
      `${mayDiffer ? `a ${name} field` : fieldLine(name, inFirst)}, as in the response to "${args.first}"`,
      fieldLine(name, inSecond),
    )
  }
  return undefined
}

/** RFC 9110 section 8.6: the length of content that was left out is that of the content that a GET would have got. */
function lengthDifference(compared: Compared, args: SameArgs): Outcome | undefined {
  const stated = fieldValue(compared.second, 'content-length')
  if (args.length !== true || stated === undefined || !isStable(compared, lengthOf)) return undefined
  const { length } = compared.first.content
  return stated === String(length)
    ? undefined
    : unmet(
        `no Content-Length, or ${length}: the bytes of content in the response to "${args.first}"`,
        fieldLine('Content-Length', stated),
      )
}

function contentDifference(compared: Compared, args: SameArgs): Outcome | undefined {
  const { first, second } = compared
  if (args.body !== true || Buffer.from(first.content).equals(second.content)) return undefined
  if (!isStable(compared, textOf)) return undefined
  return unmet(
    `the content of the response to "${args.first}": ${show(first.content, 100)}`,
    `${show(second.content, 100)}${differenceBeyond(100, first.content, second.content)}`,
  )
}

function statusDifference(compared: Compared, args: SameArgs): Outcome | undefined {
  const { first, second } = compared
  if (args.status !== true || first.head?.status === second.head?.status) return undefined
  if (!isStable(compared, statusOf))
    return unable(`"${args.first}" and "${args.control}", the same request, got different statuses`)
  return unmet(
    `${describeResponse(first.head, first.completion)}, as in the response to "${args.first}"`,
    describeResponse(second.head, second.completion),
  )
}

const sameVerb = verb({
  name: 'same',
  about: 'Two responses agree in their status, their content, or some of their fields.',
  expects: true,
  demandsEach: ['fields', 'kept'],
  schema: sameSchema,
  run: async (args, play) => {
    if (args['or-refused']) {
      const refused = await isRefused(play, args.second)
      if (refused === undefined)
        return unmet(`a response to ${args.second}, or a refusal`, 'no response in time', { late: true })
      if (refused) return met
    }
    const responses = await completeResponses(play, [args.first, args.second])
    if (!Array.isArray(responses)) return responses
    const [first, second] = responses
    if (first === undefined || second === undefined)
      return unable('two responses are needed for a comparison')
    const control = args.control === undefined ? undefined : play.actors.exchange(args.control)
    if (control !== undefined && !(await isComplete(play, control)))
      return unable(`there is no complete response to "${args.control}" to compare with`, {
        retryMayHelp: true,
      })
    const compared = { first, second, control }
    return (
      statusDifference(compared, args) ??
      contentDifference(compared, args) ??
      lengthDifference(compared, args) ??
      fieldDifference(compared, args) ??
      met
    )
  },
  draw: ({ first, second }) => [
    { actor: 'kit', towards: 'none', text: `${second} gets the same response as ${first}` },
  ],
})

export const isComplete = async (play: Play, exchange: Exchange): Promise<boolean> =>
  (await exchange.completed(play.bounds.within())) && exchange.completion?.kind === 'complete'

const tagsVerb = verb({
  name: 'tags-tell-apart',
  about:
    'Responses with the same strong entity tag have identical content; responses with different content have different tags, or weak ones.',
  expects: true,
  schema: Type.Object(
    {
      of: Type.Array(ActorName, { minItems: 2 }),
      weak: Type.Optional(
        Type.Boolean({
          description: 'With false, weak tags must differ for different content too (default: true)',
        }),
      ),
    },
    closed,
  ),
  run: async ({ of, weak = true }, play) => {
    const responses = await completeResponses(play, of)
    if (!Array.isArray(responses)) return responses
    const byTag = new Map<string, Exchange>()
    for (const exchange of responses) {
      const tag = fieldValue(exchange, 'etag')
      if (tag === undefined || exchange.head?.status !== 200 || (weak && tag.startsWith('W/'))) continue
      const before = byTag.get(tag)
      if (before !== undefined && !Buffer.from(before.content).equals(exchange.content))
        return unmet(
          'different entity tags for different content',
          `ETag: ${tag} for ${show(before.content, 60)} and for ${show(exchange.content, 60)}`,
        )
      byTag.set(tag, exchange)
    }
    return met
  },
  draw: ({ of }) => [
    {
      actor: 'kit',
      towards: 'none',
      text: `different content in ${of.join(', ')} has different entity tags`,
    },
  ],
})

const datedNowVerb = verb({
  name: 'dated-now',
  about: "The Date of a response differs from this machine's clock by no more than the tolerance.",
  expects: true,
  schema: Type.Object(
    {
      request: Type.Optional(ActorName),
      tolerance: Type.String({ pattern: '^[0-9]+m$', description: 'A number of minutes: 5m' }),
    },
    closed,
  ),
  run: async ({ request = 'request', tolerance }, play) => {
    const responses = await completeResponses(play, [request])
    if (!Array.isArray(responses)) return responses
    const date = responses[0] && fieldValue(responses[0], 'date')
    const differenceMs = Math.abs(Date.parse(date ?? '') - Date.now())
    return differenceMs <= Number.parseInt(tolerance) * 60_000
      ? met
      : unmet(`a Date within ${tolerance} of ${new Date().toUTCString()}`, fieldLine('Date', date))
  },
  draw: ({ request = 'request' }) => [{ actor: request, towards: 'kit', text: 'Date: the current time' }],
})

export const compareVerbs = [sameVerb, tagsVerb, datedNowVerb]
