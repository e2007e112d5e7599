import net from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import tls from 'node:tls'
import { ChangeNotifier } from './change-notifier.ts'
import type { Limits } from './limits.ts'
import type { ActionDetails, Direction, Transcript } from './transcript.ts'

/** How a connection ended. `limit`: the kit closed it because the target sent more than `Limits.connectionBytes`. */
export interface ConnectionEnd {
  readonly how: 'fin' | 'rst' | 'limit'
  /** Milliseconds since the start of the case. */
  readonly at: number
}

const endNames = {
  fin: 'ended (FIN)',
  rst: 'was reset (RST)',
  limit: 'sent more than the kit reads',
} as const

/** Completes a sentence that starts with "the connection". */
export const describeEnd = (end: ConnectionEnd): string => endNames[end.how]

export interface TlsSettings {
  readonly ca?: string
  readonly rejectUnauthorized: boolean
  readonly servername?: string
}

export interface ConnectionOptions {
  readonly url: URL
  readonly tls: TlsSettings
  readonly actor: string
  readonly transcript: Transcript
  readonly limits: Limits
}

/** Receives the bytes and the end of a connection. */
export interface ConnectionReader {
  bytes(chunk: Uint8Array): void
  end(end: ConnectionEnd): void
}

/** No connection could be opened. This is no finding about the protocol. */
export class ConnectionFailed extends Error {
  readonly code: string

  constructor(url: URL, cause: NodeJS.ErrnoException | undefined) {
    super(`cannot connect to ${url.host}: ${cause === undefined ? 'no response in time' : cause.message}`, {
      cause,
    })
    this.name = 'ConnectionFailed'
    this.code = cause?.code ?? 'TIMEOUT'
  }
}

/** Pieces of a chopped write that get their own turn of the event loop, so that a target in this process receives them one by one. */
const mostSeparateTurns = 24

const secure = (url: URL): boolean => url.protocol === 'https:' || url.protocol === 'wss:'

/** The port of a URL, or the default port of its scheme. */
const portOf = (url: URL): number => (url.port === '' ? (secure(url) ? 443 : 80) : Number(url.port))

/** The host of a URL, without the brackets of an IPv6 address. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

/** One TCP or TLS connection, recorded byte by byte in a transcript. The kit does not send FIN when the target does. */
export class Connection {
  readonly actor: string
  readonly changes = new ChangeNotifier()
  readonly #socket: net.Socket
  readonly #tcp: net.Socket
  readonly #options: ConnectionOptions
  /** The number of this connection in the transcript. */
  readonly #connection: number
  #received = 0
  #end: ConnectionEnd | undefined
  #reader: ConnectionReader | undefined
  #closedByKit = false
  /** Resolves when the write in progress is over; later writes wait for it. */
  #writing: Promise<void> | undefined
  /** Writes of which some bytes were not yet handed to the socket. */
  #unsent = 0
  #wasPaused = false

  private constructor({ socket, tcp }: Sockets, options: ConnectionOptions) {
    this.#socket = socket
    this.#tcp = tcp
    this.#options = options
    this.actor = options.actor
    this.#connection = options.transcript.connection()
    this.#note('note', `connected to ${options.url.host}`, undefined, {
      act: 'open',
      url: options.url.origin,
    })
    tcp.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('end', () => this.#finish('fin'))
    socket.on('error', () => this.#finish('rst'))
    socket.on('close', () => this.#finish('fin'))
  }

  /** @throws ConnectionFailed also if `signal` aborts first */
  static open(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    return openSocket(options, signal, (sockets) => new Connection(sockets, options))
  }

  /** Passes all further bytes, and the end, to `reader`. */
  readWith(reader: ConnectionReader): void {
    this.#reader = reader
    if (this.#end !== undefined) reader.end(this.#end)
  }

  get ended(): ConnectionEnd | undefined {
    return this.#end
  }

  /** Neither side has closed the connection. */
  get isOpen(): boolean {
    return this.#end === undefined && !this.#closedByKit
  }

  /** The kit closed the connection, so incomplete data is not the target's fault. */
  get closedByKit(): boolean {
    return this.#closedByKit
  }

  /** The kit has stopped reading for a while, so the target may have ended the connection because of that. */
  get wasPaused(): boolean {
    return this.#wasPaused
  }

  now(): number {
    return this.#options.transcript.now()
  }

  /**
   * Writes bytes, in pieces of `chop` bytes if that is not 0. A connection that the target has closed is not an
   * error here: its end is an observation. Bytes of different writes are never mixed: each waits for the one before.
   *
   * @param what names the bytes in the transcript
   */
  async write(bytes: Uint8Array, what: string, chop = 0): Promise<void> {
    this.#unsent += 1
    const before = this.#writing
    const written =
      before === undefined
        ? this.#writePieces(bytes, what, chop)
        : before.then(() => this.#writePieces(bytes, what, chop))
    this.#writing = written
    await written
    if (this.#writing === written) this.#writing = undefined
  }

  async #writePieces(bytes: Uint8Array, what: string, chop: number): Promise<void> {
    this.#note('sent', what, bytes, chop > 0 ? { chop } : {})
    const size = chop > 0 ? chop : Math.max(bytes.length, 1)
    // A single piece is handed to the socket in this turn.
    const isWhole = bytes.length <= size
    if (isWhole) this.#unsent -= 1
    for (let from = 0; from < bytes.length; from += size) {
      if (from > 0 && from <= mostSeparateTurns * size) await nextTurn()
      if (this.#socket.destroyed || !this.#socket.writable) break
      await this.#writePiece(bytes.subarray(from, from + size))
    }
    if (!isWhole) this.#unsent -= 1
  }

  #writePiece(piece: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#socket.off('close', settle)
        resolve()
      }
      this.#socket.once('close', settle)
      this.#socket.write(piece, settle)
    })
  }

  /** Whether the sending side can be closed alone: TLS before 1.3 ends both sides at once (RFC 5246 section 7.2.1). */
  get canHalfClose(): boolean {
    return !(this.#socket instanceof tls.TLSSocket) || this.#socket.getProtocol() === 'TLSv1.3'
  }

  /** Sends FIN, at once behind everything that was written, and continues to read. */
  halfClose(): void {
    if (this.#unsent > 0) return void this.#writing?.then(() => this.halfClose())
    this.#note('sent', 'FIN', undefined, { act: 'end' })
    this.#socket.end()
  }

  /** Resets the connection (RST). */
  reset(): void {
    this.#closedByKit = true
    this.#note('sent', 'RST', undefined, { act: 'reset' })
    this.#tcp.resetAndDestroy()
    this.#socket.destroy()
  }

  /** Closes the connection. Later observations on it are not judged. */
  close(): void {
    if (this.#socket.destroyed) return
    if (this.#end === undefined) this.#note('sent', 'FIN', undefined, { act: 'close' })
    this.#closedByKit = true
    this.#socket.destroy()
  }

  /** Stops reading, to simulate a slow client. */
  pause(): void {
    this.#wasPaused = true
    this.#note('note', 'stops reading', undefined, { act: 'pause' })
    this.#socket.pause()
  }

  resume(): void {
    this.#note('note', 'reads on', undefined, { act: 'resume' })
    this.#socket.resume()
  }

  #note(direction: Direction, what: string, bytes?: Uint8Array, details: ActionDetails = {}): void {
    const { transcript } = this.#options
    transcript.add(this.actor, direction, what, bytes, { connection: this.#connection, ...details })
  }

  #receive(chunk: Buffer): void {
    this.#received += chunk.length
    if (this.#received > this.#options.limits.connectionBytes) {
      this.#socket.destroy()
      return this.#finish('limit')
    }
    this.#note('received', `${chunk.length} bytes`, chunk)
    this.#reader?.bytes(chunk)
    this.changes.notify()
  }

  #finish(how: ConnectionEnd['how']): void {
    if (this.#end !== undefined) return
    this.#end = { how, at: this.now() }
    if (!this.#closedByKit) this.#note('received', how === 'limit' ? 'too much' : how.toUpperCase())
    this.#reader?.end(this.#end)
    this.changes.notify()
  }
}

/** A TCP or TLS socket, and its TCP socket: only the latter can be reset. */
interface Sockets {
  readonly socket: net.Socket
  readonly tcp: net.Socket
}

/**
 * Connects, with TLS for `https:` and `wss:`, and calls `ready` in the same turn, so that no event of the socket is missed.
 * @throws ConnectionFailed also if `signal` aborts first
 */
export function openSocket<T>(
  { url, tls: settings }: Pick<ConnectionOptions, 'url' | 'tls'>,
  signal: AbortSignal,
  ready: (sockets: Sockets) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const tcp = net.connect({ host: hostOf(url), port: portOf(url), allowHalfOpen: true })
    const fail = (cause?: Error): void => {
      tcp.destroy()
      signal.removeEventListener('abort', give)
      reject(new ConnectionFailed(url, cause))
    }
    const give = (): void => fail()
    const succeed = (socket: net.Socket): void => {
      socket.off('error', fail)
      signal.removeEventListener('abort', give)
      resolve(ready({ socket, tcp }))
    }
    tcp.on('error', fail)
    signal.addEventListener('abort', give, { once: true })
    if (signal.aborted) return give()
    tcp.once('connect', () => {
      if (!secure(url)) return succeed(tcp)
      const socket = secured(tcp, hostOf(url), settings)
      socket.on('error', fail)
      socket.once('secureConnect', () => succeed(socket))
    })
  })
}

function secured(tcp: net.Socket, host: string, settings: TlsSettings): tls.TLSSocket {
  const { ca, rejectUnauthorized, servername: name = host } = settings
  return tls.connect({
    socket: tcp,
    // RFC 6066 section 3: an IP address is not sent as server name, but the certificate must still match it.
    ...(net.isIP(name) === 0 ? { servername: name } : { host: name }),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized,
    ALPNProtocols: ['http/1.1'],
  })
}
