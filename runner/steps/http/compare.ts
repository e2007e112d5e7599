import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { type Static, Type } from '@sinclair/typebox'
import { show } from '../../wire/bytes/bytes.ts'
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
        description: 'The second may be refused instead: with a 4xx, or by ending the connection',
      }),
    ),
    body: Type.Optional(Type.Boolean()),
    tags: Type.Optional(
      Type.Boolean({ description: 'One entity tag, with or without the mark of weak ones' }),
    ),
    fields: Type.Optional(
      Type.Union([Fields], { description: 'Both have them with one value, or neither has' }),
    ),
    optional: Type.Optional(
      Type.Union([Fields], { description: 'The second may lack them, but has no other value' }),
    ),
    kept: Type.Optional(
      Type.Union([Fields], { description: 'The second has them if the first has, with whatever value' }),
    ),
  },
  closed,
)
type SameArgs = Static<typeof sameSchema>

/** Both answers once they are complete, or why they cannot be compared. */
async function answers(play: Play, names: readonly string[]): Promise<Exchange[] | Outcome> {
  const exchanges = names.map((name) => play.actors.exchange(name))
  for (const [index, exchange] of exchanges.entries()) {
    if (!(await exchange.completed(play.bounds.within())))
      return unmet(`a complete answer to ${names[index]}`, 'no end in time', { late: true })
    if (exchange.head === undefined || exchange.completion?.kind !== 'complete')
      return unmet(
        `a complete answer to ${names[index]}`,
        describeResponse(exchange.head, exchange.completion),
      )
  }
  return exchanges
}

async function isRefused(play: Play, name: string): Promise<boolean> {
  const exchange = play.actors.exchange(name)
  await exchange.completed(play.bounds.within())
  const { head, connection } = exchange
  return head === undefined ? connection.wire.ended !== undefined : statusMeets('4xx', head.status)
}

const shown = (name: string, value: string | undefined): string =>
  value === undefined ? `no ${name} field` : `${name}: ${value}`

const valueOf = (exchange: Exchange, name: string): string | undefined => exchange.head?.headers.get(name)

const opaque = (exchange: Exchange): string | undefined => valueOf(exchange, 'etag')?.replace(/^W\//, '')

function fieldDifference(first: Exchange, second: Exchange, args: SameArgs): Outcome | undefined {
  if (args.tags && opaque(first) !== opaque(second))
    return unmet(`the entity tag that ${args.first} got, ${opaque(first)}`, shown('ETag', opaque(second)))
  const { fields = [], optional = [], kept = [] } = args
  for (const name of [fields, optional, kept].flat()) {
    const [wanted, got] = [valueOf(first, name), valueOf(second, name)]
    if (wanted === got || (got === undefined && [optional].flat().includes(name))) continue
    const isKept = [kept].flat().includes(name)
    if (isKept && (wanted === undefined || got !== undefined)) continue
    return unmet(
      `${isKept ? `a ${name} field` : shown(name, wanted)}, as ${args.first} got`,
      shown(name, got),
    )
  }
  return undefined
}

const sameVerb = verb({
  name: 'same',
  about: 'Two answers agree: in status, content, or single fields.',
  expects: true,
  schema: sameSchema,
  run: async (args, play) => {
    if (args['or-refused'] && (await isRefused(play, args.second))) return met
    const both = await answers(play, [args.first, args.second])
    if (!Array.isArray(both)) return both
    const [first, second] = both
    if (first === undefined || second === undefined) return unable('there is nothing to compare')
    if (args.status && first.head?.status !== second.head?.status)
      return unmet(
        `the answer that ${args.first} got, ${describeResponse(first.head, first.completion)}`,
        describeResponse(second.head, second.completion),
      )
    if (args.body && !Buffer.from(first.content).equals(second.content))
      return unmet(
        `the content that ${args.first} got, ${show(first.content, 100)}`,
        show(second.content, 100),
      )
    return fieldDifference(first, second, args) ?? met
  },
  draw: ({ first, second }) => [
    { actor: 'kit', towards: 'none', text: `${second} is answered as ${first} was` },
  ],
})

const tagsVerb = verb({
  name: 'tags-tell-apart',
  about:
    'Answers with one strong entity tag have the same content, byte for byte; other content has another tag, or a weak one.',
  expects: true,
  schema: Type.Object(
    {
      of: Type.Array(ActorName, { minItems: 2 }),
      weak: Type.Optional(
        Type.Boolean({ description: 'False: a weak tag must tell other content apart too (default true)' }),
      ),
    },
    closed,
  ),
  run: async ({ of, weak = true }, play) => {
    const all = await answers(play, of)
    if (!Array.isArray(all)) return all
    const seen = new Map<string, Exchange>()
    for (const exchange of all) {
      const tag = valueOf(exchange, 'etag')
      if (tag === undefined || exchange.head?.status !== 200 || (weak && tag.startsWith('W/'))) continue
      const before = seen.get(tag)
      if (before !== undefined && !Buffer.from(before.content).equals(exchange.content))
        return unmet(
          'another entity tag for other content',
          `ETag: ${tag} for ${show(before.content, 60)} and for ${show(exchange.content, 60)}`,
        )
      seen.set(tag, exchange)
    }
    return met
  },
  draw: ({ of }) => [
    { actor: 'kit', towards: 'none', text: `the tags of ${of.join(', ')} tell their content apart` },
  ],
})

const nowVerb = verb({
  name: 'dated-now',
  about:
    "The Date of an answer is near to this machine's time: clocks differ, so it may be off by the given time.",
  expects: true,
  schema: Type.Object(
    { request: Type.Optional(ActorName), tolerance: Type.String({ pattern: '^[0-9]+m$' }) },
    closed,
  ),
  run: async ({ request = 'request', tolerance }, play) => {
    const all = await answers(play, [request])
    if (!Array.isArray(all)) return all
    const date = all[0] && valueOf(all[0], 'date')
    const off = Math.abs(Date.parse(date ?? '') - Date.now())
    return off <= Number.parseInt(tolerance) * 60_000
      ? met
      : unmet(`a Date within ${tolerance} of ${new Date().toUTCString()}`, shown('Date', date))
  },
  draw: ({ request = 'request' }) => [{ actor: request, towards: 'kit', text: 'Date of now' }],
})

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gunzipSync(bytes, unpacked),
  'x-gzip': (bytes) => gunzipSync(bytes, unpacked),
  deflate: (bytes) => inflateSync(bytes, unpacked),
  br: (bytes) => brotliDecompressSync(bytes, unpacked),
  identity: (bytes) => bytes,
}

/** What is unpacked is bounded like all that is read. */
const unpacked = { maxOutputLength: defaultLimits.bodyBytes }

/** The content without its codings, the last one first; a sentence if that cannot be done. */
function decoded({ head, content }: Exchange): Uint8Array | string {
  let bytes = content
  for (const coding of (head?.headers.list('content-encoding') ?? []).toReversed()) {
    const decode = decoders[coding.toLowerCase()]
    if (decode === undefined) return `content in the coding ${coding}, which was not accepted`
    try {
      bytes = decode(bytes)
    } catch (error) {
      return `content that is no ${coding}: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  return bytes
}

const decodesVerb = verb({
  name: 'decodes',
  about: 'The content, without the codings that its fields name, is the content of another answer.',
  expects: true,
  schema: Type.Object({ request: ActorName, to: ActorName }, closed),
  run: async ({ request, to }, play) => {
    const both = await answers(play, [request, to])
    if (!Array.isArray(both)) return both
    const [coded, plain] = both
    if (coded === undefined || plain === undefined) return unable('there is nothing to compare')
    const content = decoded(coded)
    const wanted = `the content that ${to} got, ${show(plain.content, 60)}`
    if (typeof content === 'string') return unmet(wanted, content)
    return Buffer.from(content).equals(plain.content) ? met : unmet(wanted, show(content, 60))
  },
  draw: ({ request, to }) => [{ actor: request, towards: 'kit', text: `decodes to what ${to} got` }],
})

export const compareVerbs = [sameVerb, tagsVerb, nowVerb, decodesVerb]
