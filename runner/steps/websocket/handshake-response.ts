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
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const Fields = Type.Record(Type.String(), FieldExpectation)

/** The first of the fields that is not as it is wanted. */
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

/** RFC 9110 section 15.6.2: 501 is an answer that was meant, unlike the other errors of the server. */
const isRefusal = (status: number): boolean => status < 500 || status === 501

const acceptedVerb = verb({
  name: 'accepted',
  about: 'The opening handshake is answered with 101 and the right Sec-WebSocket-Accept.',
  expects: true,
  schema: Type.Object(
    {
      who: Type.Optional(ActorName),
      within: Type.Optional(DurationText),
      headers: Type.Optional(Fields),
      refused: Type.Optional(
        Type.Union([Type.Literal('pass'), Type.Literal('warn')], {
          description:
            'What it comes to if an HTTP status other than 101 answers the handshake; 5xx is a failure all the same, but for 501 (default: a failure). With `pass` the connection may also end without an answer',
        }),
      ),
    },
    closed,
  ),
  run: async ({ who = 'client', within, headers, refused }, play) => {
    const wanted = 'the handshake answered with 101'
    const exchange = play.actors.exchange(who)
    if (!(await exchange.headed(play.bounds.within(within))))
      return unmet(wanted, 'no answer in time', { late: true })
    const { head, completion } = exchange
    const limited = unableIfRateLimited(head)
    if (limited) return limited
    if (head?.status !== 101) {
      if (refused === 'pass' && (head === undefined || isRefusal(head.status))) return met
      const grade = refused !== undefined && head !== undefined && isRefusal(head.status) ? 'warn' : 'fail'
      return unmet(wanted, describeResponse(head, completion), { grade })
    }
    const broken = play.findings.find(({ rule }) => rule === 'ws-hs-key-hash')
    if (broken) return unmet('a Sec-WebSocket-Accept made of this key', broken.detail)
    return asOutcome(mismatchOf(headers, head.headers))
  },
  draw: ({ who = 'client' }) => [{ actor: who, towards: 'kit', text: '101 Switching Protocols' }],
})

const refusedVerb = verb({
  name: 'refused',
  about:
    'The opening handshake is refused with an HTTP error. Refusing it in another way, or dropping the connection, is a deviation; 101 is a failure.',
  expects: true,
  schema: Type.Object(
    {
      who: Type.Optional(ActorName),
      within: Type.Optional(DurationText),
      status: Type.Optional(StatusExpectation),
      headers: Type.Optional(Fields),
      ignoring: Type.Optional(
        Type.String({
          description: 'A field that was wrong: a 101 without it is a deviation only, for it was passed over',
        }),
      ),
    },
    closed,
  ),
  run: async ({ who = 'client', within, status = '4xx', headers, ignoring }, play) => {
    const wanted = `the handshake refused with ${describeStatus(status)}`
    const exchange = play.actors.exchange(who)
    if (!(await exchange.headed(play.bounds.within(within))))
      return unmet(wanted, 'no answer in time', { late: true })
    const { head, completion } = exchange
    const limited = unableIfRateLimited(head)
    if (limited) return limited
    const got = describeResponse(head, completion)
    if (head === undefined) return unmet(wanted, got, { grade: 'warn' })
    if (head.status === 101) {
      const isPassedOver = ignoring !== undefined && !head.headers.has(ignoring)
      return unmet(wanted, got, { grade: isPassedOver ? 'warn' : 'fail' })
    }
    if (!statusMeets(status, head.status)) return unmet(wanted, got, { grade: 'warn' })
    return asOutcome(mismatchOf(headers, head.headers))
  },
  draw: ({ who = 'client', status = '4xx' }) => [
    { actor: who, towards: 'kit', text: `refusal, ${describeStatus(status)}` },
  ],
})

export const answerVerbs = [acceptedVerb, refusedVerb]
