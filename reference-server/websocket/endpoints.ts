import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Exchange } from '../updates/exchange.ts'
import { deflateOffers } from './handshake.ts'
import { IncomingFrames, type Violation } from './frame-checker.ts'
import type { ReferenceOptions } from '../updates/options.ts'
import { cursorOf } from '../http/requests.ts'
import { sharedController } from '../http/abort-signals.ts'
import { FellBehind, type Update } from '../updates/store.ts'

/** The properties of the opening exchange that a WebSocket endpoint needs. */
export type Opening = Pick<Exchange, 'url' | 'channel' | 'store' | 'options' | 'closing'>

/** Handles WebSockets after a valid opening handshake. */
export interface Endpoint {
  /** Largest message that is accepted, in bytes after inflation. */
  readonly maxBytes: (options: ReferenceOptions) => number
  /** Pages that may open it: those of any origin, or only those of the same host. */
  readonly origins: 'any' | 'same'
  /** Returns the handler for the opened WebSocket. @throws Refusal to refuse the handshake */
  readonly prepare: (opening: Opening) => (socket: WebSocket) => void
}

/** `/echo`: sends every message back unchanged, text as text and binary as binary. */
export const echo: Endpoint = {
  origins: 'same',
  maxBytes: (options) => options.maxMessageBytes,
  prepare:
    ({ options }) =>
    (socket) => {
      socket.on('message', (data, isBinary) => {
        socket.send(data, { binary: isBinary }, () => pauseIfUnread(socket, options.maxMessageBytes))
        pauseIfUnread(socket, options.maxMessageBytes)
      })
    },
}

/**
 * `/ws/{channel}?since=N&as=json`: sends every update as a text message, and publishes every text message. With `as=json` an
 * update is an object that also contains its position: the `since` of the handshake that continues from there.
 */
export const updates: Endpoint = {
  // Pages of all origins may use a channel, as over plain HTTP.
  origins: 'any',
  maxBytes: (options) => options.maxUpdateBytes,
  prepare: (opening) => {
    const { url, channel, store } = opening
    const position = cursorOf(url, store.head(channel)) ?? store.head(channel)
    const format = url.searchParams.get('as') === 'json' ? asJson : asText
    return (socket) => {
      socket.on('message', (data, isBinary) => {
        // Updates are text. RFC 6455 section 7.4.1: 1003 is for data of a type that cannot be accepted.
        if (isBinary || !Buffer.isBuffer(data)) socket.close(1003, 'channels carry text')
        else store.publish(channel, { data: data.toString('utf8') })
      })
      deliver(socket, opening, position, format).catch((error: unknown) => {
        if (!(error instanceof FellBehind)) process.emitWarning(String(error))
        socket.terminate()
      })
    }
  },
}

const asText = ({ data }: Update): string => data
const asJson = ({ position, id, type, data }: Update): string =>
  JSON.stringify({ next: String(position), id, type, data })

/** Completes a valid handshake (see `checkHandshake`) with ws. */
export function accept(
  endpoint: Endpoint,
  opening: Opening,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const { options, closing } = opening
  const use = endpoint.prepare(opening)
  adjustHeadersForWs(request)
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    autoPong: false,
    maxPayload: endpoint.maxBytes(options),
    maxFragments: endpoint.maxBytes(options),
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => [...offered].find((name) => options.subprotocols.includes(name)) ?? false,
  })
  server.handleUpgrade(request, socket, head, (opened) => {
    serveControl(opened, options, closing)
    use(opened)
    watchFrames(opened, socket)
  })
}

/** Fails the connection for violations that ws ignores, or detects only at the end of a message. */
function watchFrames(opened: WebSocket, socket: Duplex): void {
  const frames = new IncomingFrames()
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
    // RFC 6455 section 7.1.7: later bytes are ignored.
    hasFailed = true
    // ws reports violations in the earlier bytes only after it has processed them.
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

/** ws requires `websocket` alone in Upgrade, and refuses offers of extensions that must only be declined. */
function adjustHeadersForWs(request: IncomingMessage): void {
  request.headers.upgrade = 'websocket'
  const offers = deflateOffers(request)
  if (offers === undefined) delete request.headers['sec-websocket-extensions']
  else request.headers['sec-websocket-extensions'] = offers
}

/** Responds to pings, and closes the WebSocket with 1001 when the server shuts down. */
function serveControl(socket: WebSocket, options: ReferenceOptions, closing: AbortSignal): void {
  socket.on('ping', (payload) => {
    socket.pong(payload, false, () => pauseIfUnread(socket, options.maxMessageBytes))
    pauseIfUnread(socket, options.maxMessageBytes)
  })
  // After a protocol violation ws itself has closed the WebSocket with the right code.
  socket.on('error', () => undefined)
  const shutDown = (): void => socket.close(1001, 'server is shutting down')
  closing.addEventListener('abort', shutDown, { once: true })
  socket.once('close', () => closing.removeEventListener('abort', shutDown))
}

/** Stops reading from a client that does not read what was sent to it, until it does. */
function pauseIfUnread(socket: WebSocket, most: number): void {
  if (socket.bufferedAmount > most) socket.pause()
  else if (socket.isPaused) socket.resume()
}

/** Sends updates until the WebSocket is closed. @throws FellBehind if the client reads too slowly */
async function deliver(
  socket: WebSocket,
  { channel, store }: Opening,
  position: number,
  format: (update: Update) => string,
): Promise<void> {
  const closed = sharedController()
  socket.once('close', () => closed.abort())
  const leave = store.enter(channel, 'sockets')
  try {
    for await (const update of store.follow(channel, position, closed.signal)) {
      if (!(await sendText(socket, format(update)))) return
    }
  } finally {
    leave()
  }
}

/** Resolves to true when the message is passed to the system, and to false if the WebSocket is closing or closed. */
async function sendText(socket: WebSocket, data: string): Promise<boolean> {
  return new Promise((resolve) => socket.send(data, { binary: false }, (error) => resolve(!error)))
}
