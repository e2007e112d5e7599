import type { Instance, Step } from '../../chapters/chapter.ts'
import { isMapping, listOrEmpty } from '../../documents/type-guards.ts'
import { payloadLength } from '../../wire/bytes/payload-length.ts'

const needsLimit = 'websocket.maxMessage'

/** Bytes of the largest message in the steps of an instance, after inflation; 0 for an instance about the limit itself. */
export function largestMessage({ steps, needs }: Instance): number {
  if (needs.includes(needsLimit)) return 0
  return Math.max(0, ...steps.map(messageOf))
}

function messageOf({ verb, args }: Step): number {
  if (!isMapping(args)) return 0
  if (verb === 'echoes') return payloadLength({ generate: args['generate'], length: args['length'] })
  if (verb === 'round-trips') return payloadLength(args['payload'])
  if (verb === 'unread-echoes') return payloadLength({ generate: 'binary', length: args['length'] })
  if (verb === 'pings') return isMapping(args['behind']) ? payloadLength(args['behind']['payload']) : 0
  if (verb !== 'send') return 0
  if (args['frames'] === undefined) return isMessage(args) ? payloadLength(args['payload'] ?? '') : 0
  return listOrEmpty(args['frames'])
    .filter(isMapping)
    .filter(isMessage)
    .reduce((sum, frame) => sum + payloadLength(frame['payload'] ?? ''), 0)
}

/** Whether a step or frame carries data, not a control frame or a frame with a reserved opcode. */
const isMessage = ({ message, frame }: Readonly<Record<string, unknown>>): boolean =>
  message !== undefined || frame === 'text' || frame === 'binary' || frame === 'continuation'
