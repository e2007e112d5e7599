import type { Exchange } from '../../wire/exchange.ts'

/** What a rule about received bytes looks at. */
export type ReceivedKind = 'response' | 'handshake' | 'frame' | 'event stream'

/** Numbers of responses, 101 responses, connections with WebSocket frames, and event streams with content. */
export type ReceivedCounts = Readonly<Record<ReceivedKind, number>>

export const noneReceived: ReceivedCounts = { response: 0, handshake: 0, frame: 0, 'event stream': 0 }

export function countReceived(exchanges: readonly Exchange[]): ReceivedCounts {
  const count = (holds: (exchange: Exchange) => boolean): number => exchanges.filter(holds).length
  return {
    response: count(({ head, interim }) => head !== undefined || interim.length > 0),
    handshake: count(({ head }) => head?.status === 101),
    frame: count(({ switchedBytes }) => switchedBytes > 0),
    'event stream': count(
      ({ head, content }) => isEventStream(head?.headers.get('content-type')) && content.length > 0,
    ),
  }
}

const isEventStream = (mediaType = ''): boolean => /^\s*text\/event-stream/i.test(mediaType)

export const addReceived = (some: ReceivedCounts, more: ReceivedCounts): ReceivedCounts => ({
  response: some.response + more.response,
  handshake: some.handshake + more.handshake,
  frame: some.frame + more.frame,
  'event stream': some['event stream'] + more['event stream'],
})

/** Prefixes of requirement ids, the longest of each family first, and what these rules look at. */
const subjects: readonly (readonly [prefix: string, kind: ReceivedKind])[] = [
  ['ws-hs-', 'handshake'],
  ['ws-', 'frame'],
  ['pmd-rsv1-', 'frame'],
  ['pmd-', 'handshake'],
  ['sse-', 'event stream'],
  ['http-101-', 'handshake'],
]

/** What could break a rule; by default a response. */
export const receivedKindOf = (rule: string): ReceivedKind =>
  subjects.find(([prefix]) => rule.startsWith(prefix))?.[1] ?? 'response'
