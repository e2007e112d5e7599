import { type Static, Type } from '@sinclair/typebox'
import { describe, type PeerObservation } from '../wire/websocket-peer.ts'
import type { Play } from './play.ts'
import {
  ActorName,
  asList,
  closed,
  DurationText,
  met,
  oneOrMore,
  type Outcome,
  PayloadText,
  unmet,
  verb,
} from './verb.ts'
import { inboxOf, meets, passedOver } from './websocket-receive.ts'
import { CloseCode, MessageType, sendNow, sendSchema } from './websocket-send.ts'

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
    echo: Type.Optional(
      Type.Object(
        { message: MessageType, payload: PayloadText },
        {
          ...closed,
          description: 'The echo of what was sent before the violation; that it is lost is a deviation',
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
  run: async (args, play) => {
    const { completion, within: _, ...rest } = args
    const first = await failure(args, play)
    const isLate = first.kind === 'unmet' && first.late
    if (completion === undefined || !isLate) return first
    await sendNow(completion, play)
    const second = await failure(rest, play)
    return second.kind === 'met'
      ? unmet(`${wantedEnd(args)} at the first wrong byte`, 'that only after the last', {
          grade: 'warn',
          late: true,
        })
      : second
  },
  draw: (args) => [
    { actor: args.on ?? 'client', towards: 'kit', text: `fails the connection${codesText(args)}` },
  ],
})

/** What came of the connection within one bound. */
async function failure(args: FailedArgs, play: Play): Promise<Outcome> {
  const inbox = inboxOf(play, args.on ?? 'client')
  const signal = play.within(args.within)
  let missing = args.echo
  for (;;) {
    const seen = (await inbox.next(signal))?.seen
    if (seen === undefined) return unmet(wantedEnd(args), 'the connection is still open', { late: true })
    if (missing !== undefined && meets(missing, seen)) missing = undefined
    else if (seen.kind !== 'ping' && !passedOver(play, { frame: 'pong' }, seen))
      return judgeEnd(args, seen, missing !== undefined)
  }
}

const codesText = ({ code }: FailedArgs): string =>
  code === undefined ? '' : ` (${asList(code).join(' or ')})`
const wantedEnd = (args: FailedArgs): string => `the connection failed${codesText(args)}`

function judgeEnd(args: FailedArgs, seen: PeerObservation, echoMissing: boolean): Outcome {
  if (seen.kind !== 'close' && seen.kind !== 'end') return unmet(wantedEnd(args), describe(seen))
  if (seen.kind === 'close' && seen.code !== undefined) {
    const codes = asList(args.code)
    if (args.unnoticed?.includes(seen.code)) return unmet(wantedEnd(args), describe(seen))
    if (codes.length > 0 && !codes.includes(seen.code))
      return unmet(wantedEnd(args), describe(seen), { grade: args['wrong-code'] ?? 'warn' })
  }
  if (echoMissing)
    return unmet('the echo of what was sent before the violation', describe(seen), { grade: 'warn' })
  return met
}

export const failedVerbs = [failedVerb]
