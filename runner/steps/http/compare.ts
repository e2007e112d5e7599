import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { type Static, Type } from '@sinclair/typebox'
import { differenceBeyond, show } from '../../wire/bytes/bytes.ts'
import type { Exchange } from '../../wire/exchange.ts'
import { defaultLimits } from '../../wire/limits.ts'
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
  },
  closed,
)
type SameArgs = Static<typeof sameSchema>

/** Waits for complete responses to all these requests; an outcome if one of them is missing or broken. */
async function completeResponses(play: Play, names: readonly string[]): Promise<Exchange[] | Outcome> {
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

async function isRefused(play: Play, name: string): Promise<boolean> {
  await play.actors.exchange(name).completed(play.bounds.within())
  return wasRefused(play, name)
}

function wasRefused(play: Play, name: string): boolean {
  const { head, connection } = play.actors.exchange(name)
  return head === undefined ? connection.wire.ended !== undefined : statusMeets('4xx', head.status)
}

const fieldLine = (name: string, value: string | undefined): string =>
  value === undefined ? `no ${name} field` : `${name}: ${value}`

const fieldValue = (exchange: Exchange, name: string): string | undefined => exchange.head?.headers.get(name)

const opaqueTag = (exchange: Exchange): string | undefined =>
  fieldValue(exchange, 'etag')?.replace(/^W\//, '')

function fieldDifference(first: Exchange, second: Exchange, args: SameArgs): Outcome | undefined {
  if (args.tags && opaqueTag(first) !== opaqueTag(second))
    return unmet(
      `${fieldLine('ETag', opaqueTag(first))}, as in the response to "${args.first}"`,
      fieldLine('ETag', opaqueTag(second)),
    )
  const { fields = [], optional = [], kept = [] } = args
  for (const name of [fields, optional, kept].flat()) {
    const [inFirst, inSecond] = [fieldValue(first, name), fieldValue(second, name)]
    if (inFirst === inSecond || (inSecond === undefined && [optional].flat().includes(name))) continue
    const mayDiffer = [kept].flat().includes(name)
    if (mayDiffer && (inFirst === undefined || inSecond !== undefined)) continue
    return unmet(
      `${mayDiffer ? `a ${name} field` : fieldLine(name, inFirst)}, as in the response to "${args.first}"`,
      fieldLine(name, inSecond),
    )
  }
  return undefined
}

const sameVerb = verb({
  name: 'same',
  about: 'Two responses agree in their status, their content, or some of their fields.',
  expects: true,
  schema: sameSchema,
  run: async (args, play) => {
    if (args['or-refused'] && (await isRefused(play, args.second))) return met
    const responses = await completeResponses(play, [args.first, args.second])
    // The refusal may have come while the kit waited for the first response.
    if (args['or-refused'] && wasRefused(play, args.second)) return met
    if (!Array.isArray(responses)) return responses
    const [first, second] = responses
    if (first === undefined || second === undefined)
      return unable('two responses are needed for a comparison')
    if (args.status && first.head?.status !== second.head?.status)
      return unmet(
        `${describeResponse(first.head, first.completion)}, as in the response to "${args.first}"`,
        describeResponse(second.head, second.completion),
      )
    if (args.body && !Buffer.from(first.content).equals(second.content))
      return unmet(
        `the content of the response to "${args.first}": ${show(first.content, 100)}`,
        `${show(second.content, 100)}${differenceBeyond(100, first.content, second.content)}`,
      )
    return fieldDifference(first, second, args) ?? met
  },
  draw: ({ first, second }) => [
    { actor: 'kit', towards: 'none', text: `${second} gets the same response as ${first}` },
  ],
})

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

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gunzipSync(bytes, decodingLimit),
  'x-gzip': (bytes) => gunzipSync(bytes, decodingLimit),
  deflate: (bytes) => inflateSync(bytes, decodingLimit),
  br: (bytes) => brotliDecompressSync(bytes, decodingLimit),
  identity: (bytes) => bytes,
}

/** Decoded content has the same limit as any content that the kit reads. */
const decodingLimit = { maxOutputLength: defaultLimits.bodyBytes }

/** The content with its codings removed, the last one first; a description of the content if that is not possible. */
function decodedContent({ head, content }: Exchange): Uint8Array | string {
  let bytes = content
  for (const coding of (head?.headers.list('content-encoding') ?? []).toReversed()) {
    const decode = decoders[coding.toLowerCase()]
    if (decode === undefined) return `content in the coding ${coding}, which the request did not accept`
    try {
      bytes = decode(bytes)
    } catch (error) {
      return `content that is not valid ${coding}: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  return bytes
}

const decodesVerb = verb({
  name: 'decodes',
  about: 'The content of a response equals that of another response once its content codings are removed.',
  expects: true,
  schema: Type.Object({ request: ActorName, to: ActorName }, closed),
  run: async ({ request, to }, play) => {
    const responses = await completeResponses(play, [request, to])
    if (!Array.isArray(responses)) return responses
    const [coded, plain] = responses
    if (coded === undefined || plain === undefined) return unable('two responses are needed for a comparison')
    const content = decodedContent(coded)
    const expected = `the content of the response to "${to}": ${show(plain.content, 60)}`
    if (typeof content === 'string') return unmet(expected, content)
    if (Buffer.from(content).equals(plain.content)) return met
    return unmet(expected, `${show(content, 60)}${differenceBeyond(60, plain.content, content)}`)
  },
  draw: ({ request, to }) => [{ actor: request, towards: 'kit', text: `decodes to the content of ${to}` }],
})

export const compareVerbs = [sameVerb, tagsVerb, datedNowVerb, decodesVerb]
