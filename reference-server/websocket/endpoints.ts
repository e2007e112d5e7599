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

/** The parts of an exchange that a WebSocket endpoint needs. */
export type Opening = Pick<Exchange, 'url' | 'channel' | 'store' | 'options' | 'closing'>

/** What the server does with a WebSocket at a path. */
export interface Endpoint {
  /** Largest accepted message, in bytes after inflation. */
  readonly maxBytes: (options: ReferenceOptions) => number
  /** Which pages may open it: of any origin, or only of the requested host. */
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
 * `/ws/{channel}?since=N&as=json`: every update is sent as a text message, and every text message is published. With
 * `as=json` an update is an object with its position: the `since` of a later handshake that continues there.
 */
export const updates: Endpoint = {
  // As with plain HTTP, pages of any origin may use a channel.
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

/** Completes, with ws, a handshake that `checkHandshake` has found valid. */
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
    perMessageDeflate: options.deflate,
    handleProtocols: (asked) => [...asked].find((name) => options.subprotocols.includes(name)) ?? false,
  })
  server.handleUpgrade(request, socket, head, (opened) => {
    serveControlFrames(opened, options, closing)
    use(opened)
    watchFrames(opened, socket)
  })
}

/** Fails the connection for violations that ws ignores, or notices only at the end of a message. */
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
    // RFC 6455 section 7.1.7: all following bytes are ignored.
    hasFailed = true
    // ws reports a violation in earlier bytes only after it has got these.
    process.nextTick(() => failWith(opened, socket, violation))
  })
}

function failWith(opened: WebSocket, socket: Duplex, { code, reason }: Violation): void {
  if (opened.readyState !== opened.OPEN) return
  opened.close(code, reason)
  // RFC 6455 section 7.1.1: TCP is closed cleanly.
  socket.end()
  socket.resume()
}

/** ws accepts only "websocket" in Upgrade, and fails the handshake for offers that should be declined. */
function adaptForWs(request: IncomingMessage): void {
  request.headers.upgrade = 'websocket'
  const offers = deflateOffers(request)
  if (offers === undefined) delete request.headers['sec-websocket-extensions']
  else request.headers['sec-websocket-extensions'] = offers
}

/** Responds to pings, and closes with 1001 when the server shuts down. */
function serveControlFrames(socket: WebSocket, options: ReferenceOptions, closing: AbortSignal): void {
  socket.on('ping', (payload) => {
    socket.pong(payload, false, () => throttleReading(socket, options.maxMessageBytes))
    throttleReading(socket, options.maxMessageBytes)
  })
  // After a protocol violation ws itself closes with the right code.
  socket.on('error', () => undefined)
  const goAway = (): void => socket.close(1001, 'server shuts down')
  closing.addEventListener('abort', goAway, { once: true })
  socket.once('close', () => closing.removeEventListener('abort', goAway))
}

/** Stops reading from a client that does not read what it is sent, until it does. */
function throttleReading(socket: WebSocket, most: number): void {
  if (socket.bufferedAmount > most) socket.pause()
  else if (socket.isPaused) socket.resume()
}

/** Sends each update after `position`. Throws `FollowerTooSlow` if the client reads so slowly that its next update is no longer kept. */
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

/** Resolves when the message is handed to the operating system; with false if the WebSocket is closing or closed. */
async function sendText(socket: WebSocket, data: string): Promise<boolean> {
  return new Promise((resolve) => socket.send(data, { binary: false }, (error) => resolve(!error)))
}
