import { type Static, Type } from '@sinclair/typebox'
import { describePeerObservation, type PeerObservation } from '../../wire/websocket/peer.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, DurationText, PayloadText } from '../language/arguments.ts'
import { met, type Outcome, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { inboxOf, latencyOf } from './peer.ts'
import { meets, isIgnored } from './receive.ts'
import { CloseCode, codeIsExpected, describeCodes, ExpectedCodes } from './close-codes.ts'
import { MessageType, sendNow, sendSchema } from './send.ts'

const failedSchema = Type.Object(
  {
    on: Type.Optional(ActorName),
    code: Type.Optional(ExpectedCodes),
    'wrong-code': Type.Optional(
      Type.Union([Type.Literal('fail'), Type.Literal('warn')], {
        description:
          'The verdict on another close code (default `warn`); `fail` where a mirrored or normal code shows that the target has not noticed the violation',
      }),
    ),
    unnoticed: Type.Optional(
      Type.Array(CloseCode, {
        description:
          'Close codes that are a failure because they show that the target has not noticed the violation, for example a mirrored code',
      }),
    ),
    completion: Type.Optional(
      Type.Object(sendSchema.properties, {
        ...closed,
        description:
          'The rest of the broken message, which is sent if the target has not failed the connection in time. It may be failed only after that',
      }),
    ),
    clock: Type.Optional(
      Type.String({
        description:
          'With `completion`: another connection. Before the rest is sent, the target also gets the time to respond to some pings on it',
      }),
    ),
    echo: Type.Optional(
      Type.Object(
        { message: MessageType, payload: PayloadText },
        {
          ...closed,
          description:
            'The echo of a message that was sent before the violation may arrive first. It may also be missing, because the target may fail the connection before it sends the echo',
        },
      ),
    ),
    'or-pong': Type.Optional(
      Type.Union([PayloadText], {
        description:
          'Also met if a pong with this payload arrives: the frame may be read, and the ping that follows it gets its response',
      }),
    ),
    within: Type.Optional(DurationText),
  },
  closed,
)
type FailedArgs = Static<typeof failedSchema>

const failedVerb = verb({
  name: 'failed',
  about:
    'The target fails the connection: it sends a Close frame with a fitting code, or drops the connection. No message and no pong arrives before that.',
  expects: true,
  stimuli: ['completion', 'clock'],
  schema: failedSchema,
  run: async (args, play) =>
    args.completion === undefined
      ? expectFailure(args, play, failureBound(args, play))
      : expectPromptFailure(args, play),
  draw: (args) => [
    { actor: args.on ?? 'client', towards: 'kit', text: `fails the connection${codesText(args)}` },
  ],
})

/** Less time than for a response, but as much more as the target takes for any: a broken frame is detected without the application. */
const failureBound = ({ on = 'client', within }: FailedArgs, play: Play): AbortSignal =>
  play.bounds.untilClosed(within ?? play.target.description.within ?? '2s', latencyOf(play, on))

/** The time in which a target fails a connection promptly, and how many pings it may respond to on another connection. */
const prompt = { within: '150ms', pings: 8 } as const

/** The target fails the connection before the broken message is complete, or when it is (RFC 6455 section 8.1 leaves it open). */
async function expectPromptFailure(
  { completion, clock, within = prompt.within, ...args }: FailedArgs,
  play: Play,
): Promise<Outcome> {
  const latency = latencyOf(play, args.on ?? 'client')
  const soon = play.bounds.after(play.bounds.milliseconds(within) + latency)
  const first = await expectFailure(args, play, soon)
  if (first.kind !== 'unmet' || !first.late) return first
  if (clock !== undefined) await exchangePings(clock, play)
  const second = await expectFailure(args, play, AbortSignal.abort())
  if (second.kind !== 'unmet' || !second.late) return second
  await sendNow(completion ?? {}, play)
  return expectFailure(args, play, failureBound(args, play))
}

/** Sends pings one after the other, each after the pong of the one before; stops if a pong is missing. */
export async function exchangePings(on: string, play: Play): Promise<void> {
  const signal = play.bounds.after(play.bounds.milliseconds('1s') + latencyOf(play, on))
  for (let sent = 0; sent < prompt.pings; sent++) {
    await sendNow({ on, frame: 'ping' }, play)
    for (let seen = await inboxOf(play, on).next(signal); seen?.seen.kind !== 'pong';) {
      if (seen === undefined || seen.seen.kind === 'end') return
      seen = await inboxOf(play, on).next(signal)
    }
  }
}

/** Judges how the connection ends before `signal` aborts. */
async function expectFailure(args: FailedArgs, play: Play, signal: AbortSignal): Promise<Outcome> {
  const inbox = inboxOf(play, args.on ?? 'client')
  let pendingEcho = args.echo
  for (;;) {
    const seen = (await inbox.next(signal))?.seen
    if (seen === undefined) return unmet(wantedEnd(args), 'a connection that is still open', { late: true })
    const pong = args['or-pong']
    if (pong !== undefined && meets({ frame: 'pong', payload: pong }, seen)) return met
    const isOtherPong = pong !== undefined && seen.kind === 'pong'
    if (isOtherPong) continue
    if (pendingEcho !== undefined && meets(pendingEcho, seen)) pendingEcho = undefined
    else if (seen.kind !== 'ping' && !isIgnored(play, { frame: 'pong' }, seen)) {
      if (pendingEcho !== undefined) play.notes.add(args.on ?? 'client', 'no echo before the failure')
      return judgeEnd(args, seen, play)
    }
  }
}

const codesText = ({ code }: FailedArgs): string => (code === undefined ? '' : ` (${describeCodes(code)})`)
/** A normal closure is no failure; nor does it need a code (RFC 6455 section 5.5.1). */
const isNormalEnd = ({ code }: FailedArgs): boolean => code !== undefined && codeIsExpected(code, 1000)
const wantedEnd = (args: FailedArgs): string =>
  `a ${isNormalEnd(args) ? 'closed' : 'failed'} connection${codesText(args)}`

/** RFC 6455 section 7.4.1: a target without `echo` may refuse the type of a message before it checks the content. */
const refusesType = (code: number, { target }: Play): boolean =>
  code === 1003 && !target.ability('websocket.echo').has

function judgeEnd(args: FailedArgs, seen: PeerObservation, play: Play): Outcome {
  if (seen.kind !== 'close' && seen.kind !== 'end')
    return unmet(wantedEnd(args), describePeerObservation(seen))
  return seen.kind === 'close' && args.code !== undefined ? judgeCode(args, seen, play) : met
}

/** RFC 6455 section 7.1.7: a failure is stated with a suitable code, so a Close without a code does not state it. */
function judgeCode(args: FailedArgs, seen: PeerObservation & { kind: 'close' }, play: Play): Outcome {
  const { code, payload } = seen
  const isUnnoticed = code === undefined ? payload.length > 0 : args.unnoticed?.includes(code) === true
  if (isUnnoticed) return unmet(wantedEnd(args), describePeerObservation(seen))
  const isSuitable =
    code === undefined
      ? isNormalEnd(args)
      : codeIsExpected(args.code ?? code, code) || refusesType(code, play)
  return isSuitable
    ? met
    : unmet(wantedEnd(args), describePeerObservation(seen), { grade: args['wrong-code'] ?? 'warn' })
}

export const failedVerbs = [failedVerb]
