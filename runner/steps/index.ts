import { compareVerbs } from './compare.ts'
import { connectionVerbs } from './connection.ts'
import { contractVerbs } from './delivery-contract.ts'
import { crossOriginVerbs } from './cross-origin.ts'
import { eventStreamVerbs } from './event-stream.ts'
import { deliveryVerbs } from './delivery.ts'
import { holdingVerbs } from './holding.ts'
import { eventVerbs } from './events.ts'
import { httpVerbs } from './http.ts'
import { pollingVerbs } from './polling.ts'
import { pooledVerbs } from './pooled.ts'
import { publishVerbs } from './publish.ts'
import { readingVerbs } from './reading.ts'
import { restartVerbs } from './restart.ts'
import { streamLifeVerbs } from './stream-life.ts'
import { streamResponseVerbs } from './stream-response.ts'
import type { Verb } from './verb.ts'
import { answerVerbs } from './websocket-answer.ts'
import { echoVerbs } from './websocket-echoes.ts'
import { failedVerbs } from './websocket-failed.ts'
import { exchangeVerbs } from './websocket-exchange.ts'
import { handshakeVerbs } from './websocket-handshake.ts'
import { receiveVerbs } from './websocket-receive.ts'
import { sendVerbs } from './websocket-send.ts'

/** Every verb of the case language. A family is one file, and one line here. */
export const verbs: readonly Verb[] = [
  ...httpVerbs,
  ...pooledVerbs,
  ...compareVerbs,
  ...crossOriginVerbs,
  ...pollingVerbs,
  ...readingVerbs,
  ...holdingVerbs,
  ...deliveryVerbs,
  ...eventStreamVerbs,
  ...eventVerbs,
  ...streamResponseVerbs,
  ...streamLifeVerbs,
  ...handshakeVerbs,
  ...answerVerbs,
  ...echoVerbs,
  ...sendVerbs,
  ...receiveVerbs,
  ...failedVerbs,
  ...exchangeVerbs,
  ...connectionVerbs,
  ...publishVerbs,
  ...restartVerbs,
  ...contractVerbs,
]
