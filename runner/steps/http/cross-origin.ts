import { Type } from '@sinclair/typebox'
import type { HeaderList } from '../../wire/headers.ts'
import { describeResponse } from '../language/expectations.ts'
import { allowedOrigin, describeField, originMismatch } from '../language/origins.ts'
import { Endpoint } from '../language/request.ts'
import { ActorName, closed, oneOrMore } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

/** The same for a request with credentials, where a star lets nobody in. */
export function credentialsMismatch(headers: HeaderList, origin: string): Outcome | undefined {
  const wanted = { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' }
  const broken = Object.entries(wanted).find(([field, value]) => headers.get(field) !== value)
  return (
    broken && unmet(`${broken.join(': ')}, for a request with credentials`, describeField(headers, broken[0]))
  )
}

interface Sharing {
  readonly origin: string
  readonly credentials: boolean
}

const sharingMismatch = (headers: HeaderList, { origin, credentials }: Sharing): Outcome | undefined =>
  credentials ? credentialsMismatch(headers, origin) : originMismatch(headers, origin)

/** With credentials a star is the name of a field like any other. */
function missing(
  headers: HeaderList,
  field: string,
  wanted: readonly string[],
  { credentials }: Sharing,
): Outcome | undefined {
  const listed = headers.list(field).map((member) => member.toLowerCase())
  const isAny = !credentials && listed.includes('*')
  const lacking = wanted.filter((name) => !isAny && !listed.includes(name.toLowerCase()))
  if (lacking.length === 0) return undefined
  return unmet(`${field} with ${lacking.join(', ')}`, headers.get(field) ?? `no ${field} field`)
}

const Names = oneOrMore(Type.String({ description: 'The name of a header field' }))

const sharing = {
  to: Type.Optional(Endpoint),
  credentials: Type.Optional(
    Type.Boolean({ description: 'Also when the script sends the credentials of the user' }),
  ),
}

const readableVerb = verb({
  name: 'readable-by-pages',
  about: 'Scripts of the declared origin may read the answer, and those of its fields that are named.',
  expects: true,
  schema: Type.Object(
    { request: Type.Optional(ActorName), fields: Type.Optional(Names), ...sharing },
    closed,
  ),
  run: async ({ request = 'request', fields = [], to, credentials = false }, play) => {
    const shared = { origin: allowedOrigin(play, to), credentials }
    const exchange = play.actors.exchange(request)
    if (!(await exchange.headed(play.bounds.within())) || exchange.head === undefined)
      return unmet('an answer', describeResponse(exchange.head, exchange.completion), { late: true })
    const { headers } = exchange.head
    const needed = [fields].flat().filter((name) => headers.has(name))
    return (
      sharingMismatch(headers, shared) ??
      missing(headers, 'Access-Control-Expose-Headers', needed, shared) ??
      met
    )
  },
  draw: ({ request = 'request' }) => [{ actor: request, towards: 'kit', text: 'may be read by pages' }],
})

const preflightVerb = verb({
  name: 'preflight-allows',
  about: 'The answer to a preflight lets scripts of the declared origin send these fields.',
  expects: true,
  schema: Type.Object({ request: Type.Optional(ActorName), fields: Names, ...sharing }, closed),
  run: async ({ request = 'request', fields, to, credentials = false }, play) => {
    const shared = { origin: allowedOrigin(play, to), credentials }
    const exchange = play.actors.exchange(request)
    if (!(await exchange.headed(play.bounds.within())) || exchange.head === undefined)
      return unmet('an answer', describeResponse(exchange.head, exchange.completion), { late: true })
    const { headers, status } = exchange.head
    if (status < 200 || status > 299) return unmet('a 2xx answer', describeResponse(exchange.head, undefined))
    return (
      sharingMismatch(headers, shared) ??
      missing(headers, 'Access-Control-Allow-Headers', [fields].flat(), shared) ??
      met
    )
  },
  draw: ({ request = 'request' }) => [{ actor: request, towards: 'kit', text: 'pages may send this' }],
})

export const crossOriginVerbs = [readableVerb, preflightVerb]
