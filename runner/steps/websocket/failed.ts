import { type Static, Type } from '@sinclair/typebox'
import { describePeerObservation, type PeerObservation } from '../../wire/websocket/peer.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, asList, closed, DurationText, oneOrMore, PayloadText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { inboxOf } from './peer.ts'
import { meets, passedOver } from './receive.ts'
import { CloseCode, MessageType, sendNow, sendSchema } from './send.ts'

const failedSchema = Type.Object(
  {
    on: Type.Optional(ActorName),
    code: Type.Optional(oneOrMore(CloseCode)),
    'wrong-code': Type.Optional(
      Type.Union([Type.Literal('fail'), Type.Literal('warn')], {
        description:
          'What another code comes to; `fail` where a mirrored or normal code shows that nothing was noticed',
      }),
    ),
    unnoticed: Type.Optional(
      Type.Array(CloseCode, {
        description: 'Codes that show that nothing was noticed, such as one that was mirrored: they fail',
      }),
    ),
    completion: Type.Optional(
      Type.Object(sendSchema.properties, {
        ...closed,
        description:
          'What makes the broken message complete: sent if the target has not failed the connection in time. To fail it only then is a deviation',
      }),
    ),
    clock: Type.Optional(
      Type.String({
        description:
          'Another connection, with `completion`: the target has had its time when it has answered some pings there',
      }),
    ),
    echo: Type.Optional(
      Type.Object(
        { message: MessageType, payload: PayloadText },
        {
          ...closed,
          description:
            'The echo of what was sent before the violation may come first. A failure that is quicker than it is a race, and no finding',
        },
      ),
    ),
    within: Type.Optional(DurationText),
  },
  closed,
)
type FailedArgs = Static<typeof failedSchema>

const failedVerb = verb({
  name: 'failed',
  about:
    'The target fails the connection: a Close frame with a fitting code, or a dropped connection; no message and no pong comes before that.',
  expects: true,
  schema: failedSchema,
  run: async (args, play) =>
    args.completion === undefined
      ? failure(args, play, noticing(play, args.within))
      : failureAtOnce(args, play),
  draw: (args) => [
    { actor: args.on ?? 'client', towards: 'kit', text: `fails the connection${codesText(args)}` },
  ],
})

/** To notice a broken frame takes no application, only a reader: less time than an answer may take. */
const noticing = (play: Play, within?: string): AbortSignal =>
  play.bounds.untilClosed(within ?? play.target.description.within ?? '2s')

/** Bounds on the time that a target has to fail a connection at once: a time, and answered pings elsewhere. */
const atOnce = { within: '150ms', pings: 8 } as const

/** Whether the target fails the connection before the broken message is complete; to do so after it is a deviation. */
async function failureAtOnce(
  { completion, clock, within, ...args }: FailedArgs,
  play: Play,
): Promise<Outcome> {
  const first = await failure(args, play, play.bounds.within(within ?? atOnce.within))
  if (first.kind !== 'unmet' || !first.late) return first
  if (clock !== undefined) await someRoundTrips(clock, play)
  const second = await failure(args, play, AbortSignal.abort())
  if (second.kind !== 'unmet' || !second.late) return second
  await sendNow(completion ?? {}, play)
  const third = await failure(args, play, noticing(play))
  if (third.kind !== 'met') return third
  return unmet(`${wantedEnd(args)} at the first wrong byte`, 'that only after the last', {
    grade: 'warn',
    late: true,
  })
}

/** Pings, one after the other, as long as they are answered. */
async function someRoundTrips(on: string, play: Play): Promise<void> {
  const signal = play.bounds.within('1s')
  for (let trip = 0; trip < atOnce.pings; trip++) {
    await sendNow({ on, frame: 'ping' }, play)
    for (let seen = await inboxOf(play, on).next(signal); seen?.seen.kind !== 'pong';) {
      if (seen === undefined || seen.seen.kind === 'end') return
      seen = await inboxOf(play, on).next(signal)
    }
  }
}

/** What came of the connection until the signal aborts. */
async function failure(args: FailedArgs, play: Play, signal: AbortSignal): Promise<Outcome> {
  const inbox = inboxOf(play, args.on ?? 'client')
  let missing = args.echo
  for (;;) {
    const seen = (await inbox.next(signal))?.seen
    if (seen === undefined) return unmet(wantedEnd(args), 'the connection is still open', { late: true })
    if (missing !== undefined && meets(missing, seen)) missing = undefined
    else if (seen.kind !== 'ping' && !passedOver(play, { frame: 'pong' }, seen)) {
      if (missing !== undefined) play.notes.add(args.on ?? 'client', 'failed before any echo')
      return judgeEnd(args, seen, play)
    }
  }
}

const codesText = ({ code }: FailedArgs): string =>
  code === undefined ? '' : ` (${asList(code).join(' or ')})`
/** A Close with 1000 is no failure. */
const wantedEnd = (args: FailedArgs): string =>
  `the connection ${args.code === 1000 ? 'closed' : 'failed'}${codesText(args)}`

/** RFC 6455 section 7.4.1: who is not known to take a message may refuse it for its type, before looking into it. */
const refusesType = (code: number, { target }: Play): boolean =>
  code === 1003 && !target.ability('websocket.echo').has

function judgeEnd(args: FailedArgs, seen: PeerObservation, play: Play): Outcome {
  if (seen.kind !== 'close' && seen.kind !== 'end')
    return unmet(wantedEnd(args), describePeerObservation(seen))
  if (seen.kind === 'close' && seen.code !== undefined) {
    const codes = asList(args.code)
    if (args.unnoticed?.includes(seen.code)) return unmet(wantedEnd(args), describePeerObservation(seen))
    if (codes.length > 0 && !codes.includes(seen.code) && !refusesType(seen.code, play))
      return unmet(wantedEnd(args), describePeerObservation(seen), { grade: args['wrong-code'] ?? 'warn' })
  }
  return met
}

export const failedVerbs = [failedVerb]
