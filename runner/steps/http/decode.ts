import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { Type } from '@sinclair/typebox'
import { differenceBeyond, show } from '../../wire/bytes/bytes.ts'
import type { Exchange } from '../../wire/exchange.ts'
import { defaultLimits } from '../../wire/limits.ts'
import { ActorName, closed } from '../language/arguments.ts'
import { met, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { completeResponses, isComplete, textOf } from './compare.ts'

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
  schema: Type.Object(
    {
      request: ActorName,
      to: ActorName,
      control: Type.Optional(
        Type.Union([ActorName], {
          description:
            'The request `to` again, sent last: if their contents differ, only whether the content can be decoded is judged',
        }),
      ),
    },
    closed,
  ),
  run: async ({ request, to, control }, play) => {
    const responses = await completeResponses(play, [request, to])
    if (!Array.isArray(responses)) return responses
    const [coded, plain] = responses
    if (coded === undefined || plain === undefined) return unable('two responses are needed for a comparison')
    const content = decodedContent(coded)
    const expected = `the content of the response to "${to}": ${show(plain.content, 60)}`
    if (typeof content === 'string') return unmet(expected, content)
    if (Buffer.from(content).equals(plain.content)) return met
    const again = control === undefined ? undefined : play.actors.exchange(control)
    if (again !== undefined && (await isComplete(play, again)) && textOf(again) !== textOf(plain)) return met
    return unmet(expected, `${show(content, 60)}${differenceBeyond(60, plain.content, content)}`)
  },
  draw: ({ request, to }) => [{ actor: request, towards: 'kit', text: `decodes to the content of ${to}` }],
})

export const decodeVerbs = [decodesVerb]
