import { connectionVerbs } from './connection.ts'
import { eventStreamVerbs } from './event-stream.ts'
import { eventVerbs } from './events.ts'
import { httpVerbs } from './http.ts'
import { pollingVerbs } from './polling.ts'
import { publishVerbs } from './publish.ts'
import { streamLifeVerbs } from './stream-life.ts'
import { streamResponseVerbs } from './stream-response.ts'
import type { Verb } from './verb.ts'
import { frameVerbs } from './websocket-frames.ts'
import { handshakeVerbs } from './websocket-handshake.ts'

/** Every verb of the case language. A family is one file, and one line here. */
export const verbs: readonly Verb[] = [
  ...httpVerbs,
  ...pollingVerbs,
  ...eventStreamVerbs,
  ...eventVerbs,
  ...streamResponseVerbs,
  ...streamLifeVerbs,
  ...handshakeVerbs,
  ...frameVerbs,
  ...connectionVerbs,
  ...publishVerbs,
]
