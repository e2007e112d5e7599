import { connectionVerbs } from './connection.ts'
import { eventStreamVerbs } from './event-stream.ts'
import { httpVerbs } from './http.ts'
import { pollingVerbs } from './polling.ts'
import { publishVerbs } from './publish.ts'
import type { Verb } from './verb.ts'
import { answerVerbs } from './websocket-answer.ts'
import { echoVerbs } from './websocket-echoes.ts'
import { frameVerbs } from './websocket-frames.ts'
import { handshakeVerbs } from './websocket-handshake.ts'

/** Every verb of the case language. A family is one file, and one line here. */
export const verbs: readonly Verb[] = [
  ...httpVerbs,
  ...pollingVerbs,
  ...eventStreamVerbs,
  ...handshakeVerbs,
  ...answerVerbs,
  ...frameVerbs,
  ...echoVerbs,
  ...connectionVerbs,
  ...publishVerbs,
]
