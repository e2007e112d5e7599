import { Type } from '@sinclair/typebox'
import {
  describeResponse,
  describeStatus,
  FieldExpectation,
  fieldMismatch,
  type Mismatch,
  StatusExpectation,
  statusMeets,
  unableIfRateLimited,
} from '../language/expectations.ts'
import type { HeaderList } from '../../wire/headers.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, metByRefusal, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const Fields = Type.Record(Type.String(), FieldExpectation)

/** The first field that does not meet its expectation. */
function mismatchOf(
  fields: Readonly<Record<string, FieldExpectation>> | undefined,
  headers: HeaderList,
): Mismatch | undefined {
  return Object.entries(fields ?? {})
    .map(([name, wanted]) => fieldMismatch(name, wanted, headers))
    .find((mismatch) => mismatch !== undefined)
}

const asOutcome = (mismatch: Mismatch | undefined): Outcome =>
  mismatch === undefined ? met : unmet(mismatch.expected, mismatch.observed)

/** RFC 9110 section 15.6.2: 501 is a deliberate response, unlike the other 5xx statuses. */
const isRefusal = (status: number): boolean => status < 500 || status === 501

const acceptedVerb = verb({
  name: 'accepted',
  about: 'The response to the opening handshake is 101 with the right Sec-WebSocket-Accept.',
  expects: true,
  schema: Type.Object(
    {
      who: Type.Optional(ActorName),
      within: Type.Optional(DurationText),
      headers: Type.Optional(Fields),
      refused: Type.Optional(
        Type.Union([Type.Literal('pass'), Type.Literal('warn')], {
          description:
            'The verdict on an HTTP status other than 101 (default: a failure). A 5xx status except 501 is a failure in any case. With `pass`, the connection may also end without a response',
        }),
      ),
    },
    closed,
  ),
  run: async ({ who = 'client', within, headers, refused }, play) => {
    const wanted = 'a 101 response to the handshake'
    const exchange = play.actors.exchange(who)
    if (!(await exchange.headed(play.bounds.within(within))))
      return unmet(wanted, 'no response in time', { late: true })
    const { head, completion } = exchange
    const tooManyRequests = unableIfRateLimited(head)
    if (tooManyRequests) return tooManyRequests
    if (head?.status !== 101) {
      if (refused === 'pass' && (head === undefined || isRefusal(head.status)))
        return metByRefusal(head?.status ?? 'closed')
      const grade = refused !== undefined && head !== undefined && isRefusal(head.status) ? 'warn' : 'fail'
      return unmet(wanted, describeResponse(head, completion), { grade })
    }
    const wrongKey = play.findings.find(({ rule }) => rule === 'ws-hs-key-hash')
    if (wrongKey) return unmet('the Sec-WebSocket-Accept for this key', wrongKey.detail)
    return asOutcome(mismatchOf(headers, head.headers))
  },
  draw: ({ who = 'client' }) => [{ actor: who, towards: 'kit', text: '101 Switching Protocols' }],
})

const refusedVerb = verb({
  name: 'refused',
  about:
    'The target refuses the opening handshake with an HTTP error status. Another refusal or a dropped connection is a deviation; 101 is a failure.',
  expects: true,
  schema: Type.Object(
    {
      who: Type.Optional(ActorName),
      within: Type.Optional(DurationText),
      status: Type.Optional(StatusExpectation),
      headers: Type.Optional(Fields),
      ignoring: Type.Optional(
        Type.String({
          description:
            'The name of the wrong field: a 101 without this field is only a deviation, because the target has ignored it',
        }),
      ),
    },
    closed,
  ),
  run: async ({ who = 'client', within, status = '4xx', headers, ignoring }, play) => {
    const wanted = `a refusal of the handshake with ${describeStatus(status)}`
    const exchange = play.actors.exchange(who)
    if (!(await exchange.headed(play.bounds.within(within))))
      return unmet(wanted, 'no response in time', { late: true })
    const { head, completion } = exchange
    const tooManyRequests = unableIfRateLimited(head)
    if (tooManyRequests) return tooManyRequests
    const observed = describeResponse(head, completion)
    if (head === undefined) return unmet(wanted, observed, { grade: 'warn' })
    if (head.status === 101) {
      const isFieldIgnored = ignoring !== undefined && !head.headers.has(ignoring)
      return unmet(wanted, observed, { grade: isFieldIgnored ? 'warn' : 'fail' })
    }
    if (!statusMeets(status, head.status)) return unmet(wanted, observed, { grade: 'warn' })
    const mismatch = mismatchOf(headers, head.headers)
    return mismatch === undefined ? metByRefusal(head.status) : asOutcome(mismatch)
  },
  draw: ({ who = 'client', status = '4xx' }) => [
    { actor: who, towards: 'kit', text: `refusal, ${describeStatus(status)}` },
  ],
})

export const handshakeResponseVerbs = [acceptedVerb, refusedVerb]
