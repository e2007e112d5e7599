import { compareVerbs } from './http/compare.ts'
import { decodeVerbs } from './http/decode.ts'
import { connectionVerbs } from './connection.ts'
import { crossOriginVerbs } from './http/cross-origin.ts'
import { eventStreamVerbs } from './event-stream/subscribe.ts'
import { deliversVerbs } from './polling/delivers.ts'
import { freshnessVerbs } from './polling/freshness.ts'
import { holdingVerbs } from './polling/holding.ts'
import { eventVerbs } from './event-stream/events.ts'
import { requestVerbs } from './http/request.ts'
import { responseVerbs } from './http/response.ts'
import { pollVerbs } from './polling/poll.ts'
import { pollResponseVerbs } from './polling/poll-response.ts'
import { pooledVerbs } from './http/pooled.ts'
import { publishVerbs } from './delivery/publish.ts'
import { shortPollingVerbs } from './polling/short-polling.ts'
import { restartVerbs } from './delivery/restart.ts'
import { stockClientVerbs } from './event-stream/stock-client-verbs.ts'
import { streamLifeVerbs } from './event-stream/lifetime.ts'
import { streamResponseVerbs } from './event-stream/response.ts'
import type { Verb } from './language/verb.ts'
import { conversationVerbs } from './websocket/conversations.ts'
import { echoVerbs } from './websocket/echoes.ts'
import { failedVerbs } from './websocket/failed.ts'
import { handshakeVerbs } from './websocket/handshake.ts'
import { receiveVerbs } from './websocket/receive.ts'
import { sendVerbs } from './websocket/send.ts'
import { unreadEchoVerbs } from './websocket/unread-echoes.ts'
import { deliveredVerbs } from './delivery/delivered.ts'
import { publishInPiecesVerbs } from './delivery/publish-in-pieces.ts'
import { publishManyVerbs } from './delivery/publish-many.ts'
import { receiverVerbs } from './delivery/receive.ts'
import { handshakeResponseVerbs } from './websocket/handshake-response.ts'
import { longExchangeVerbs } from './websocket/long-exchanges.ts'

/** Every verb of the case language. A family is one file, and one line here. */
export const verbs: readonly Verb[] = [
  ...requestVerbs,
  ...responseVerbs,
  ...pooledVerbs,
  ...compareVerbs,
  ...decodeVerbs,
  ...crossOriginVerbs,
  ...pollVerbs,
  ...pollResponseVerbs,
  ...shortPollingVerbs,
  ...holdingVerbs,
  ...deliversVerbs,
  ...freshnessVerbs,
  ...eventStreamVerbs,
  ...stockClientVerbs,
  ...eventVerbs,
  ...streamResponseVerbs,
  ...streamLifeVerbs,
  ...handshakeVerbs,
  ...handshakeResponseVerbs,
  ...echoVerbs,
  ...sendVerbs,
  ...receiveVerbs,
  ...failedVerbs,
  ...conversationVerbs,
  ...unreadEchoVerbs,
  ...longExchangeVerbs,
  ...connectionVerbs,
  ...publishVerbs,
  ...restartVerbs,
  ...receiverVerbs,
  ...publishInPiecesVerbs,
  ...publishManyVerbs,
  ...deliveredVerbs,
]
