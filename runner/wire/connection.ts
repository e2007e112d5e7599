import net from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import tls from 'node:tls'
import { ChangeNotifier } from './change-notifier.ts'
import type { Limits } from './limits.ts'
import type { ActionDetails, Direction, Transcript } from './transcript.ts'

/** How the other side ended a connection. `limit`: the kit did, because a bound on what it reads was passed. */
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

/** In words, for "the connection …". */
export const describeEnd = (end: ConnectionEnd): string => endNames[end.how]

export interface TlsSettings {
  readonly ca?: string
  readonly rejectUnauthorized: boolean
  readonly servername?: string
}

/** Where to connect to, and in whose name. */
export interface ConnectionOptions {
  readonly url: URL
  readonly tls: TlsSettings
  readonly actor: string
  readonly transcript: Transcript
  readonly limits: Limits
}

/** What a protocol does with the bytes of its connection. */
export interface ConnectionReader {
  bytes(chunk: Uint8Array): void
  end(end: ConnectionEnd): void
}

/** No connection came about: about the way to the target, not about the protocol. */
export class ConnectionFailed extends Error {
  readonly code: string

  constructor(url: URL, cause: NodeJS.ErrnoException | undefined) {
    super(`cannot connect to ${url.host}: ${cause === undefined ? 'no answer in time' : cause.message}`, {
      cause,
    })
    this.name = 'ConnectionFailed'
    this.code = cause?.code ?? 'TIMEOUT'
  }
}

/** What is chopped is to arrive in pieces, also where the target runs in this process: so many get a turn of their own. */
const turns = 24

const secure = (url: URL): boolean => url.protocol === 'https:' || url.protocol === 'wss:'

/** Port of a URL, with the default of its scheme. */
const portOf = (url: URL): number => (url.port === '' ? (secure(url) ? 443 : 80) : Number(url.port))

/** Host name without the brackets of an IPv6 literal. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

/** One TCP or TLS connection with a byte-exact, timed transcript. Half-open: the kit decides when to send FIN. */
export class Connection {
  readonly actor: string
  readonly changes = new ChangeNotifier()
  readonly #socket: net.Socket
  readonly #tcp: net.Socket
  readonly #options: ConnectionOptions
  /** Its number in the transcript. */
  readonly #connection: number
  #received = 0
  #end: ConnectionEnd | undefined
  #sink: ConnectionReader | undefined
  #closedByKit = false

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

  /** Throws `ConnectionFailed` when there is no connection before `signal` aborts. */
  static open(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    return openSocket(options, signal, (line) => new Connection(line, options))
  }

  /** Whoever reads the bytes from now on. */
  feed(sink: ConnectionReader): void {
    this.#sink = sink
    if (this.#end !== undefined) sink.end(this.#end)
  }

  get ended(): ConnectionEnd | undefined {
    return this.#end
  }

  /** Neither side has ended it. */
  get isOpen(): boolean {
    return this.#end === undefined && !this.#closedByKit
  }

  /** Whether the kit ended it; what then stays incomplete is not the other side's doing. */
  get closedByKit(): boolean {
    return this.#closedByKit
  }

  now(): number {
    return this.#options.transcript.now()
  }

  /**
   * Hands bytes to the kernel, in pieces of `chop` bytes if given. A peer that is gone is no error here:
   * what it did is an observation.
   */
  async write(bytes: Uint8Array, what: string, chop = 0): Promise<void> {
    this.#note('sent', what, bytes, chop > 0 ? { chop } : {})
    const size = chop > 0 ? chop : Math.max(bytes.length, 1)
    for (let from = 0; from < bytes.length; from += size) {
      if (from > 0 && from <= turns * size) await nextTurn()
      if (this.#socket.destroyed || !this.#socket.writable) return
      await this.#hand(bytes.subarray(from, from + size))
    }
  }

  #hand(piece: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#socket.off('close', settle)
        resolve()
      }
      this.#socket.once('close', settle)
      this.#socket.write(piece, settle)
    })
  }

  /** Sends FIN and goes on reading. */
  halfClose(): void {
    this.#note('sent', 'FIN', undefined, { act: 'end' })
    this.#socket.end()
  }

  /** Ends the connection with RST. */
  reset(): void {
    this.#closedByKit = true
    this.#note('sent', 'RST', undefined, { act: 'reset' })
    this.#tcp.resetAndDestroy()
    this.#socket.destroy()
  }

  /** Ends the connection from the kit's side; nothing of it is judged any more. */
  close(): void {
    if (this.#socket.destroyed) return
    if (this.#end === undefined) this.#note('sent', 'FIN', undefined, { act: 'close' })
    this.#closedByKit = true
    this.#socket.destroy()
  }

  /** Stops reading, so that the target sees a slow reader. */
  pause(): void {
    this.#note('note', 'stops reading', undefined, { act: 'pause' })
    this.#socket.pause()
  }

  resume(): void {
    this.#note('note', 'reads on', undefined, { act: 'resume' })
    this.#socket.resume()
  }

  #note(direction: Direction, what: string, bytes?: Uint8Array, deed: ActionDetails = {}): void {
    const { transcript } = this.#options
    transcript.add(this.actor, direction, what, bytes, { connection: this.#connection, ...deed })
  }

  #receive(chunk: Buffer): void {
    this.#received += chunk.length
    if (this.#received > this.#options.limits.connectionBytes) {
      this.#socket.destroy()
      return this.#finish('limit')
    }
    this.#note('received', `${chunk.length} bytes`, chunk)
    this.#sink?.bytes(chunk)
    this.changes.notify()
  }

  #finish(how: ConnectionEnd['how']): void {
    if (this.#end !== undefined) return
    this.#end = { how, at: this.now() }
    if (!this.#closedByKit) this.#note('received', how === 'limit' ? 'too much' : how.toUpperCase())
    this.#sink?.end(this.#end)
    this.changes.notify()
  }
}

/** A socket, and the TCP connection below it: only that one can be reset. */
interface Sockets {
  readonly socket: net.Socket
  readonly tcp: net.Socket
}

/**
 * Connects, with a handshake of TLS where the scheme wants one, and hands over at once: nothing that the other side
 * does next is missed.
 * @throws ConnectionFailed when there is no connection before `signal` aborts.
 */
export function openSocket<T>(
  { url, tls: settings }: Pick<ConnectionOptions, 'url' | 'tls'>,
  signal: AbortSignal,
  ready: (line: Sockets) => T,
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
    // RFC 6066 section 3: an address is not sent as server name; the certificate has to be for it all the same.
    ...(net.isIP(name) === 0 ? { servername: name } : { host: name }),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized,
    ALPNProtocols: ['http/1.1'],
  })
}
