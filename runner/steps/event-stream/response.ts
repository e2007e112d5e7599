import { Type } from '@sinclair/typebox'
import type { HeaderList } from '../../wire/headers.ts'
import { allowedOrigin, originMismatch, unknownOrigin } from '../language/origins.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

/** The header section of an answer, or that there is none. */
async function headersOf(play: Play, name: string, wanted: string, within?: string) {
  const exchange = play.actors.exchange(name)
  await exchange.headed(play.bounds.within(within))
  const { head } = exchange
  return { head, none: head === undefined ? unmet(wanted, 'no answer in time', { late: true }) : undefined }
}

const openEndedVerb = verb({
  name: 'open-ended',
  about:
    'The answer is framed as one whose length nobody knows: chunked, or by the end of a connection that it says it closes.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async ({ to = 'subscriber', within }, play) => {
    const wanted = 'Transfer-Encoding: chunked, or Connection: close'
    const { head, none } = await headersOf(play, to, wanted, within)
    if (head === undefined) return none ?? met
    const isChunked = head.headers.list('transfer-encoding').includes('chunked')
    const closes = head.headers.list('connection').includes('close')
    return isChunked || closes ? met : unmet(wanted, framingOf(head.headers))
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'an answer without a length' }],
})

const framingOf = (headers: HeaderList): string => {
  const named = ['transfer-encoding', 'content-length', 'connection'].filter((name) => headers.has(name))
  if (named.length === 0) return 'none of both'
  return named.map((name) => `${name}: ${headers.get(name)}`).join(', ')
}

const sharedVerb = verb({
  name: 'shared',
  about:
    'Pages of the origin that the request named may read the answer: readable. An answer that names one origin varies with it: cacheable. Credentials are not given to any origin that asks: cautious.',
  expects: true,
  schema: Type.Object(
    {
      to: Type.Optional(ActorName),
      how: Type.Union([Type.Literal('readable'), Type.Literal('cacheable'), Type.Literal('cautious')]),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ to = 'request', how, within }, play) => {
    const { head, none } = await headersOf(play, to, 'an answer', within)
    return head === undefined ? (none ?? met) : sharing(how, allowedOrigin(play, 'sse'), head.headers)
  },
  draw: ({ to = 'request', how }) => [{ actor: to, towards: 'kit', text: `${how} across origins` }],
})

function sharing(how: 'readable' | 'cacheable' | 'cautious', origin: string, headers: HeaderList): Outcome {
  if (how === 'readable') return originMismatch(headers, origin) ?? met
  const allowed = headers.get('access-control-allow-origin')
  const observed = `Access-Control-Allow-Origin: ${allowed ?? '(none)'}`
  if (how === 'cacheable') {
    const varies = headers.list('vary').some((name) => name === '*' || name.toLowerCase() === 'origin')
    return allowed === undefined || allowed === '*' || varies
      ? met
      : unmet('Vary: Origin next to an origin', `${observed}, Vary: ${headers.get('vary') ?? '(none)'}`)
  }
  const withCredentials = headers.get('access-control-allow-credentials') === 'true'
  return withCredentials && (allowed === unknownOrigin || allowed === '*')
    ? unmet(`no credentials for ${unknownOrigin}, which nobody knows`, `${observed} with credentials`)
    : met
}

export const streamResponseVerbs = [openEndedVerb, sharedVerb]
