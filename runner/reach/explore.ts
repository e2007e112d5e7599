import { isUrl } from '../targets/load.ts'
import { detectTechnique } from '../targets/survey/detect-technique.ts'
import { probeWebSocket, withSubprotocol } from '../targets/survey/websocket.ts'
import type { Target } from '../targets/target.ts'
import { Unreachable } from '../targets/errors/unreachable.ts'
import { deadline } from '../wire/deadline.ts'
import { ConnectionFailed, openSocket } from '../wire/connection.ts'

const connectMs = 5000

/**
 * The target with everything that requests can find out about it beyond its description.
 * @throws Unreachable when nothing accepts connections, UnexpectedResponse when a URL does not serve its protocol.
 */
export async function explore(
  target: Target,
  signal: AbortSignal,
  show: (text: string) => void,
): Promise<Target> {
  await assertReachable(target, signal)
  const described = target.isBare ? await detectTechnique(target, signal) : target
  const explored = isUrl(target.name) ? await withSubprotocol(described, signal) : described
  const refused = await probeWebSocket(explored, signal)
  if (refused === undefined) return explored
  // A URL promises nothing, so there is nothing to judge; what a description promises is judged, and fails.
  if (isUrl(target.name)) throw refused
  show(`note: ${refused.message}\n`)
  return explored
}

/** Reports an unreachable or untrusted server once, instead of hundreds of cases that cannot be judged. */
async function assertReachable({ base, tls }: Target, signal: AbortSignal): Promise<void> {
  const limit = deadline(connectMs, signal)
  try {
    await openSocket({ url: base, tls }, limit.signal, ({ socket }) => socket.destroy())
  } catch (error) {
    signal.throwIfAborted()
    throw new Unreachable(
      base,
      error instanceof ConnectionFailed && error.cause !== undefined ? error.cause : error,
    )
  } finally {
    limit.release()
  }
}
