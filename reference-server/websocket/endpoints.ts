import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Exchange } from '../updates/exchange.ts'
import { deflateOffers } from './handshake.ts'
import { FrameChecker, type Violation } from './frame-checker.ts'
import type { ReferenceOptions } from '../updates/options.ts'
import { cursorOf } from '../http/requests.ts'
import { widelySharedController } from '../http/abort-signals.ts'
import { FollowerTooSlow, type Update } from '../updates/store.ts'

/** What a WebSocket endpoint needs of the exchange that opened it; there is no response any more. */
export type Opening = Pick<Exchange, 'url' | 'channel' | 'store' | 'options' | 'closing'>

/** Speaks WebSocket on a socket whose opening handshake is in order. */
export interface Endpoint {
  /** Largest message that is taken, in bytes after inflation. */
  readonly maxBytes: (options: ReferenceOptions) => number
  /** Whose pages may open it: those of any site, or only those of the host that was asked. */
  readonly origins: 'any' | 'same'
  /** Throws a refusal while the handshake can still be refused; else returns what to do with the WebSocket. */
  readonly prepare: (opening: Opening) => (socket: WebSocket) => void
}

/** `/echo`: every message comes back as it came, text as text and binary as binary. */
export const echo: Endpoint = {
  origins: 'same',
  maxBytes: (options) => options.maxMessageBytes,
  prepare:
    ({ options }) =>
    (socket) => {
      socket.on('message', (data, isBinary) => {
        socket.send(data, { binary: isBinary }, () => throttleReading(socket, options.maxMessageBytes))
        throttleReading(socket, options.maxMessageBytes)
      })
    },
}

/**
 * `/ws/{channel}?since=N&as=json`: every update is a text message, and every text message is published. With
 * `as=json` an update comes as an object that also holds its position: the `since` of a handshake that goes on there.
 */
export const updates: Endpoint = {
  // Any page may use a channel, with WebSocket as with plain HTTP.
  origins: 'any',
  maxBytes: (options) => options.maxUpdateBytes,
  prepare: (opening) => {
    const { url, channel, store } = opening
    const position = cursorOf(url, store.head(channel)) ?? store.head(channel)
    const written = url.searchParams.get('as') === 'json' ? asJson : asText
    return (socket) => {
      socket.on('message', (data, isBinary) => {
        // Channels carry text. RFC 6455 section 7.4.1: 1003 is for data of a type that cannot be accepted.
        if (isBinary || !Buffer.isBuffer(data)) socket.close(1003, 'channels carry text')
        else store.publish(channel, { data: data.toString('utf8') })
      })
      deliver(socket, opening, position, written).catch((error: unknown) => {
        if (!(error instanceof FollowerTooSlow)) process.emitWarning(String(error))
        socket.terminate()
      })
    }
  },
}

const asText = ({ data }: Update): string => data
const asJson = ({ position, id, type, data }: Update): string =>
  JSON.stringify({ next: String(position), id, type, data })

/** Completes the handshake with ws, once `checkHandshake` has nothing against it. */
export function accept(
  endpoint: Endpoint,
  opening: Opening,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const { options, closing } = opening
  const use = endpoint.prepare(opening)
  adaptForWs(request)
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    autoPong: false,
    maxPayload: endpoint.maxBytes(options),
    maxFragments: endpoint.maxBytes(options),
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (asked) => [...asked].find((name) => options.subprotocols.includes(name)) ?? false,
  })
  server.handleUpgrade(request, socket, head, (opened) => {
    serveControlFrames(opened, options, closing)
    use(opened)
    watchFrames(opened, socket)
  })
}

/** Fails the connection for what ws lets pass, or notices only at the end of a message. */
function watchFrames(opened: WebSocket, socket: Duplex): void {
  const frames = new FrameChecker()
  const readers = socket.listeners('data')
  let hasFailed = false
  opened.once('error', () => (hasFailed = true))
  socket.removeAllListeners('data')
  socket.on('data', (bytes: Buffer) => {
    if (hasFailed) return
    const violation = opened.readyState === opened.OPEN ? frames.push(bytes) : undefined
    const validBytes = violation === undefined ? bytes : bytes.subarray(0, violation.validBytes)
    for (const reader of readers) reader.call(socket, validBytes)
    if (violation === undefined) return
    // RFC 6455 section 7.1.7: nothing that follows is looked at.
    hasFailed = true
    // ws says what is wrong with what came before only after these bytes.
    process.nextTick(() => failWith(opened, socket, violation))
  })
}

function failWith(opened: WebSocket, socket: Duplex, { code, reason }: Violation): void {
  if (opened.readyState !== opened.OPEN) return
  opened.close(code, reason)
  // RFC 6455 section 7.1.1: the end of TCP is a clean one.
  socket.end()
  socket.resume()
}

/** ws wants "websocket" alone in Upgrade, and refuses extension offers that are to be declined. */
function adaptForWs(request: IncomingMessage): void {
  request.headers.upgrade = 'websocket'
  const offers = deflateOffers(request)
  if (offers === undefined) delete request.headers['sec-websocket-extensions']
  else request.headers['sec-websocket-extensions'] = offers
}

/** What every WebSocket does: answers pings, and goes away with 1001 when the server does. */
function serveControlFrames(socket: WebSocket, options: ReferenceOptions, closing: AbortSignal): void {
  socket.on('ping', (payload) => {
    socket.pong(payload, false, () => throttleReading(socket, options.maxMessageBytes))
    throttleReading(socket, options.maxMessageBytes)
  })
  // A protocol violation: ws has closed with the code that fits, and nothing is left to be done here.
  socket.on('error', () => undefined)
  const goAway = (): void => socket.close(1001, 'server shuts down')
  closing.addEventListener('abort', goAway, { once: true })
  socket.once('close', () => closing.removeEventListener('abort', goAway))
}

/** A client that does not read what it asked for is not read from either. */
function throttleReading(socket: WebSocket, most: number): void {
  if (socket.bufferedAmount > most) socket.pause()
  else if (socket.isPaused) socket.resume()
}

/** Throws `FollowerTooSlow` for a client that reads more slowly than updates are forgotten. */
async function deliver(
  socket: WebSocket,
  { channel, store }: Opening,
  position: number,
  written: (update: Update) => string,
): Promise<void> {
  const closed = widelySharedController()
  socket.once('close', () => closed.abort())
  const leave = store.enter(channel, 'sockets')
  try {
    for await (const update of store.follow(channel, position, closed.signal)) {
      if (!(await sendText(socket, written(update)))) return
    }
  } finally {
    leave()
  }
}

/** Resolves when the message is handed to the system: false if the WebSocket is closing or closed. */
async function sendText(socket: WebSocket, data: string): Promise<boolean> {
  return new Promise((resolve) => socket.send(data, { binary: false }, (error) => resolve(!error)))
}
