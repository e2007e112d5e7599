import { WebSocket } from 'ws'
import { HookFailed } from '../errors/hook-failed.ts'
import type { Target } from '../target.ts'
import type { Address } from '../address.ts'
import { reasonOf, withoutSecrets } from '../errors/unreachable.ts'

/** Milliseconds that a server has to respond to our Close frame. */
const closingMs = 1000

/** Close codes that mean that the server did not accept the message (RFC 6455 section 7.4.1, and private codes). */
const isRefusal = (code: number): boolean =>
  (code >= 1002 && code <= 1003) || (code >= 1007 && code <= 1011) || code >= 3000

/** TLS options for a stock WebSocket client, which by itself does not offer HTTP/1.1 in ALPN (RFC 7301). */
export const secureOptions = ({ tls }: Target) => ({ ...tls, ALPNProtocols: ['http/1.1'] })

/** A stock WebSocket client to an address of the target. The caller must handle `error`. */
export function dialWebSocket(
  target: Target,
  address: Address,
  {
    subprotocols = [],
    deflate = true,
  }: { subprotocols?: readonly string[]; deflate?: boolean | object } = {},
): WebSocket {
  return new WebSocket(address.url, [...subprotocols], {
    headers: Object.fromEntries(address.headers),
    perMessageDeflate: deflate,
    maxPayload: 1024 * 1024,
    ...secureOptions(target),
  })
}

/**
 * Sends the body of the address as one text message and completes the closing handshake, so that the server has
 * received the message when this resolves.
 * @throws HookFailed if it cannot connect, if the server closes with an error, or when `signal` aborts.
 */
export async function sendMessage(target: Target, address: Address, signal: AbortSignal): Promise<void> {
  const socket = dialWebSocket(target, address)
  const fail = (reason: string): HookFailed =>
    new HookFailed(`publish: ${withoutSecrets(address.url)}: ${reason}`)
  const abort = (): void => socket.terminate()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await sent(socket, address.body ?? '')
    const code = await closed(socket)
    if (isRefusal(code)) throw fail(`the server closed with ${code}`)
  } catch (error) {
    if (error instanceof HookFailed) throw error
    throw fail(signal.aborted ? 'no response in time' : reasonOf(error))
  } finally {
    signal.removeEventListener('abort', abort)
    socket.terminate()
  }
}

/** Resolves when the message was handed to the operating system. */
function sent(socket: WebSocket, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.once('close', (code) =>
      reject(new Error(`the connection was closed with ${code} before the message was sent`)),
    )
    socket.once('open', () => socket.send(message, (error) => (error ? reject(error) : resolve())))
  })
}

/** Starts the closing handshake, for which the server has a second. Resolves to the server's close code. */
export function closed(socket: WebSocket): Promise<number> {
  if (socket.readyState === WebSocket.CLOSED) return Promise.resolve(1006)
  return new Promise((resolve) => {
    const late = setTimeout(() => socket.terminate(), closingMs)
    socket.once('close', (code) => {
      clearTimeout(late)
      resolve(code)
    })
    socket.close(1000)
  })
}
