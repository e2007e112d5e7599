import { compareVerbs } from './compare.ts'
import { connectionVerbs } from './connection.ts'
import { crossOriginVerbs } from './cross-origin.ts'
import { eventStreamVerbs } from './event-stream.ts'
import { httpVerbs } from './http.ts'
import { pollingVerbs } from './polling.ts'
import { publishVerbs } from './publish.ts'
import { readingVerbs } from './reading.ts'
import type { Verb } from './verb.ts'
import { frameVerbs } from './websocket-frames.ts'
import { handshakeVerbs } from './websocket-handshake.ts'

/** Every verb of the case language. A family is one file, and one line here. */
export const verbs: readonly Verb[] = [
  ...httpVerbs,
  ...compareVerbs,
  ...crossOriginVerbs,
  ...pollingVerbs,
  ...readingVerbs,
  ...eventStreamVerbs,
  ...handshakeVerbs,
  ...frameVerbs,
  ...connectionVerbs,
  ...publishVerbs,
]
