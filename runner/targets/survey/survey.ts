import { detectTechnique, type DetectOptions } from './detect-technique.ts'
import { probeWebSocket, withSubprotocol } from './websocket.ts'
import type { Survey } from './result.ts'
import { surveyHold } from './long-polling.ts'
import { surveyPolling } from './polling.ts'
import { surveyStream } from './event-stream.ts'
import type { Target } from '../target.ts'

export interface SurveyOptions extends DetectOptions {
  /** Milliseconds for which an event stream is observed (default: 3000). */
  readonly listenMs?: number
  /** Milliseconds to wait for the end of a held request (default: 30 000). */
  readonly holdMs?: number
}

/**
 * Surveys one URL with at most eight requests and describes what is there. Sends nothing that changes anything, except
 * a text and a binary message to a WebSocket, to see whether they are echoed.
 * @throws Unreachable if nothing responds there, UnexpectedResponse if the URL does not serve its protocol.
 */
export async function survey(
  target: Target,
  signal: AbortSignal,
  options: SurveyOptions = {},
): Promise<Survey> {
  if (target.description.websocket !== undefined)
    return surveyWebSocket(target, target.description.websocket.path, signal)
  const looked = await detectTechnique(target, signal, options)
  const { websocket, sse, polling, 'long-polling': longPolling, http } = looked.description
  if (websocket !== undefined) return surveyWebSocket(looked, websocket.path, signal)
  if (sse !== undefined) return surveyStream(looked, sse.path, signal, options.listenMs ?? 3000)
  if (polling !== undefined) return surveyPolling(looked, polling.path, signal)
  if (longPolling !== undefined) return surveyHold(looked, longPolling, signal, options.holdMs ?? 30_000)
  return { description: { http: http ?? { path: '/' } }, seen: [looked.took] }
}

async function surveyWebSocket(target: Target, path: string, signal: AbortSignal): Promise<Survey> {
  const spoken = await withSubprotocol(target, signal)
  const refused = await probeWebSocket(spoken, signal)
  if (refused !== undefined) throw refused
  const [echo, deflate] = [spoken.ability('websocket.echo'), spoken.ability('websocket.deflate')]
  const [subprotocol] = spoken.description.websocket?.subprotocols ?? []
  const subprotocols = subprotocol === undefined ? {} : { subprotocols: [subprotocol] }
  return {
    description: { websocket: { path, echo: echo.has, deflate: deflate.has, ...subprotocols } },
    seen: [
      echo.has
        ? 'it echoed a text and a binary message'
        : 'it did not echo a text and a binary message within a second, or sent them to other clients too',
      deflate.has ? 'it agreed to permessage-deflate' : 'it did not agree to permessage-deflate',
      subprotocol === undefined
        ? 'it chose none of the common subprotocols; if it supports another one, add it under subprotocols'
        : `it chose ${subprotocol} among the common subprotocols`,
      ...(spoken.hangsUp === undefined ? [] : [spoken.hangsUp]),
    ],
  }
}
