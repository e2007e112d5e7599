import { Type } from '@sinclair/typebox'
import type { HeaderList } from '../wire/headers.ts'
import { describeResponse } from './expect.ts'
import { ActorName, closed, met, oneOrMore, type Outcome, unmet, verb } from './verb.ts'

/** Whether a page of `origin` may read an answer (Fetch, CORS check). */
function originMismatch(headers: HeaderList, origin: string): Outcome | undefined {
  const allowed = headers.get('access-control-allow-origin')
  if (allowed === '*' || allowed === origin) return undefined
  return unmet(
    `Access-Control-Allow-Origin: * or ${origin}`,
    allowed === undefined
      ? 'no Access-Control-Allow-Origin field'
      : `Access-Control-Allow-Origin: ${allowed}`,
  )
}

function missing(headers: HeaderList, field: string, wanted: readonly string[]): Outcome | undefined {
  const listed = headers.list(field).map((member) => member.toLowerCase())
  const lacking = wanted.filter((name) => !listed.includes('*') && !listed.includes(name.toLowerCase()))
  if (lacking.length === 0) return undefined
  return unmet(`${field} with ${lacking.join(', ')}`, headers.get(field) ?? `no ${field} field`)
}

const Names = oneOrMore(Type.String({ description: 'The name of a header field' }))

const readableVerb = verb({
  name: 'readable-by-pages',
  about: 'Scripts of the declared origin may read the answer, and those of its fields that are named.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), fields: Type.Optional(Names) }, closed),
  run: async ({ request = 'request', fields = [] }, play) => {
    const exchange = play.exchange(request)
    if (!(await exchange.headed(play.within())) || exchange.head === undefined)
      return unmet('an answer', describeResponse(exchange.head, exchange.completion), { late: true })
    const { headers } = exchange.head
    const needed = [fields].flat().filter((name) => headers.has(name))
    return (
      originMismatch(headers, play.target.description.cors?.origin ?? '') ??
      missing(headers, 'Access-Control-Expose-Headers', needed) ??
      met
    )
  },
  draw: ({ request = 'request' }) => [{ actor: request, towards: 'kit', text: 'may be read by pages' }],
})

const preflightVerb = verb({
  name: 'preflight-allows',
  about: 'The answer to a preflight lets scripts of the declared origin send these fields.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), fields: Names }, closed),
  run: async ({ request = 'request', fields }, play) => {
    const exchange = play.exchange(request)
    if (!(await exchange.headed(play.within())) || exchange.head === undefined)
      return unmet('an answer', describeResponse(exchange.head, exchange.completion), { late: true })
    const { headers, status } = exchange.head
    if (status < 200 || status > 299) return unmet('a 2xx answer', describeResponse(exchange.head, undefined))
    return (
      originMismatch(headers, play.target.description.cors?.origin ?? '') ??
      missing(headers, 'Access-Control-Allow-Headers', [fields].flat()) ??
      met
    )
  },
  draw: ({ request = 'request' }) => [{ actor: request, towards: 'kit', text: 'pages may send this' }],
})

export const crossOriginVerbs = [readableVerb, preflightVerb]
