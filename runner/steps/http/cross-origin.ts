import { Type } from '@sinclair/typebox'
import type { HeaderList } from '../../wire/headers.ts'
import { describeResponse } from '../language/expectations.ts'
import { allowedOrigin, describeField, originMismatch } from '../language/origins.ts'
import { Endpoint } from '../language/request.ts'
import { ActorName, closed, oneOrMore } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { completeResponses } from './compare.ts'

/** Like `originMismatch`, for a request with credentials: the wildcard is not accepted then (Fetch, CORS check). */
function credentialsMismatch(headers: HeaderList, origin: string): Outcome | undefined {
  const expected = { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' }
  const mismatch = Object.entries(expected).find(([field, value]) => headers.get(field) !== value)
  return (
    mismatch &&
    unmet(`${mismatch.join(': ')}, for a request with credentials`, describeField(headers, mismatch[0]))
  )
}

/** A request of a page: its origin, and whether it carries the credentials of the user. */
interface CrossOriginRequest {
  readonly origin: string
  readonly credentials: boolean
}

const sharingMismatch = (
  headers: HeaderList,
  { origin, credentials }: CrossOriginRequest,
): Outcome | undefined =>
  credentials ? credentialsMismatch(headers, origin) : originMismatch(headers, origin)

/** Unmet if a list of field names lacks some. With credentials `*` is not a wildcard but an ordinary name (Fetch). */
function namesMismatch(
  headers: HeaderList,
  field: string,
  names: readonly string[],
  { credentials }: CrossOriginRequest,
): Outcome | undefined {
  const listed = headers.list(field).map((member) => member.toLowerCase())
  const allowsAny = !credentials && listed.includes('*')
  const missing = names.filter((name) => !allowsAny && !listed.includes(name.toLowerCase()))
  if (missing.length === 0) return undefined
  return unmet(`${field} with ${missing.join(', ')}`, describeField(headers, field))
}

const Names = oneOrMore(Type.String({ description: 'The name of a header field' }))

const corsArguments = {
  to: Type.Optional(Endpoint),
  credentials: Type.Optional(
    Type.Boolean({ description: 'The request carries the credentials of the user' }),
  ),
}

const readableVerb = verb({
  name: 'readable-by-pages',
  about: 'Scripts of the declared origin may read the response, and the named fields if it has them.',
  expects: true,
  demandsEach: ['fields'],
  schema: Type.Object(
    { request: Type.Optional(ActorName), fields: Type.Optional(Names), ...corsArguments },
    closed,
  ),
  run: async ({ request = 'request', fields = [], to, credentials = false }, play) => {
    const crossOrigin = { origin: allowedOrigin(play, to), credentials }
    const exchange = play.actors.exchange(request)
    if (!(await exchange.headed(play.bounds.within())) || exchange.head === undefined)
      return unmet('a response', describeResponse(exchange.head, exchange.completion), { late: true })
    const { headers } = exchange.head
    const present = [fields].flat().filter((name) => headers.has(name))
    return (
      sharingMismatch(headers, crossOrigin) ??
      namesMismatch(headers, 'Access-Control-Expose-Headers', present, crossOrigin) ??
      met
    )
  },
  draw: ({ request = 'request' }) => [
    { actor: request, towards: 'kit', text: 'a response that pages may read' },
  ],
})

const preflightVerb = verb({
  name: 'preflight-allows',
  about: 'The response to a preflight allows scripts of the declared origin to send these fields.',
  expects: true,
  demandsEach: ['fields'],
  schema: Type.Object({ request: Type.Optional(ActorName), fields: Names, ...corsArguments }, closed),
  run: async ({ request = 'request', fields, to, credentials = false }, play) => {
    const crossOrigin = { origin: allowedOrigin(play, to), credentials }
    const exchange = play.actors.exchange(request)
    if (!(await exchange.headed(play.bounds.within())) || exchange.head === undefined)
      return unmet('a response', describeResponse(exchange.head, exchange.completion), { late: true })
    const { headers, status } = exchange.head
    if (status < 200 || status > 299) return unmet('status 2xx', describeResponse(exchange.head, undefined))
    return (
      sharingMismatch(headers, crossOrigin) ??
      namesMismatch(headers, 'Access-Control-Allow-Headers', [fields].flat(), crossOrigin) ??
      met
    )
  },
  draw: ({ request = 'request' }) => [
    { actor: request, towards: 'kit', text: 'pages may send these fields' },
  ],
})

const variesVerb = verb({
  name: 'varies-with',
  about:
    'If two responses differ in a field, Vary lists the field of the request that made the difference. A response that no cache may store need not have Vary.',
  expects: true,
  schema: Type.Object(
    {
      first: ActorName,
      second: ActorName,
      differ: Type.String({ description: 'The field of the responses' }),
      on: Type.String({ description: 'The field of the requests' }),
    },
    closed,
  ),
  run: async ({ first, second, differ, on }, play) => {
    const responses = await completeResponses(play, [first, second])
    if (!Array.isArray(responses)) return responses
    const [one, other] = responses.map(({ head }) => head?.headers)
    if (one === undefined || other === undefined) return unable('two responses are needed for a comparison')
    if (one.get(differ) === other.get(differ)) return met
    const isMissing = (headers: HeaderList): boolean =>
      !hasMember(headers, 'Vary', on) &&
      !hasMember(headers, 'Vary', '*') &&
      !hasMember(headers, 'Cache-Control', 'no-store')
    const wrong = [one, other].find(isMissing)
    return wrong === undefined
      ? met
      : unmet(`Vary with ${on}, since ${differ} depends on it`, describeField(wrong, 'Vary'))
  },
  draw: ({ differ, on }) => [
    { actor: 'kit', towards: 'none', text: `Vary lists ${on} if ${differ} depends on it` },
  ],
})

const hasMember = (headers: HeaderList, field: string, name: string): boolean =>
  headers.list(field).some((member) => member.toLowerCase() === name.toLowerCase())

export const crossOriginVerbs = [readableVerb, preflightVerb, variesVerb]
