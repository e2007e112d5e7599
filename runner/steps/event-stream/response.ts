import { Type } from '@sinclair/typebox'
import type { HeaderList } from '../../wire/headers.ts'
import { allowedOrigin, originMismatch, unknownOrigin } from '../language/origins.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

/** The header section of a response, or the outcome if none arrives in time. */
async function headOf(play: Play, name: string, wanted: string, within?: string) {
  const exchange = play.actors.exchange(name)
  await exchange.headed(play.bounds.within(within))
  const { head } = exchange
  return {
    head,
    missing: head === undefined ? unmet(wanted, 'no response in time', { late: true }) : undefined,
  }
}

const openEndedVerb = verb({
  name: 'open-ended',
  about:
    'The response states no length: it is chunked, or it announces `Connection: close` and ends with the connection.',
  expects: true,
  schema: Type.Object({ to: Type.Optional(ActorName), within: Type.Optional(DurationText) }, closed),
  run: async ({ to = 'subscriber', within }, play) => {
    const wanted = 'Transfer-Encoding: chunked, or Connection: close'
    const { head, missing } = await headOf(play, to, wanted, within)
    if (head === undefined) return missing ?? met
    const lists = (field: string, member: string): boolean =>
      head.headers.list(field).some((one) => one.toLowerCase() === member)
    // Without `keep-alive` a response of HTTP/1.0 ends its connection (RFC 9112 section 9.3).
    const ends = head.version === 'HTTP/1.0' && !lists('connection', 'keep-alive')
    return lists('transfer-encoding', 'chunked') || lists('connection', 'close') || ends
      ? met
      : unmet(wanted, framingOf(head.headers))
  },
  draw: ({ to = 'subscriber' }) => [{ actor: to, towards: 'kit', text: 'a response of unknown length' }],
})

const framingOf = (headers: HeaderList): string => {
  const present = ['transfer-encoding', 'content-length', 'connection'].filter((name) => headers.has(name))
  if (present.length === 0) return 'neither field'
  return present.map((name) => `${name}: ${headers.get(name)}`).join(', ')
}

const sharedVerb = verb({
  name: 'shared',
  about:
    'With `readable`, pages of the origin in the request may read the response. With `cacheable`, a response that allows one origin has `Vary: Origin`. With `cautious`, the response does not allow credentials to an unknown origin.',
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
    const { head, missing } = await headOf(play, to, 'a response', within)
    return head === undefined ? (missing ?? met) : sharing(how, allowedOrigin(play, 'sse'), head.headers)
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
      : unmet(
          'Vary: Origin next to the allowed origin',
          `${observed}, Vary: ${headers.get('vary') ?? '(none)'}`,
        )
  }
  const allowsCredentials = headers.get('access-control-allow-credentials') === 'true'
  return allowsCredentials && (allowed === unknownOrigin || allowed === '*')
    ? unmet(
        `no credentials for the unknown origin ${unknownOrigin}`,
        `${observed}, Access-Control-Allow-Credentials: true`,
      )
    : met
}

export const streamResponseVerbs = [openEndedVerb, sharedVerb]
