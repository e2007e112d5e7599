import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from './response.ts'
import { endOnSocket } from './send-response.ts'
import { sharedController } from './abort-signals.ts'

interface Connection {
  /** Aborts when no further response can be sent on this connection. */
  readonly lost: AbortController
  /** The responses that are not complete yet. */
  readonly pending: Set<ServerResponse>
}

/** All open connections, upgraded or not, and their pending responses. */
export class Connections {
  readonly #open = new Map<Duplex, Connection>()
  readonly #lingerMs: number

  constructor(lingerMs: number) {
    this.#lingerMs = lingerMs
  }

  add(socket: Socket): void {
    if (this.#open.has(socket)) return
    const lost = sharedController()
    this.#open.set(socket, { lost, pending: new Set() })
    // After an error, 'close' is emitted, which ends everything that uses the connection.
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      this.#open.delete(socket)
      lost.abort()
    })
  }

  /** Records that `response` is pending on `socket`; the signal aborts when it can no longer be sent. */
  addPending(socket: Duplex, response: ServerResponse): AbortSignal {
    const connection = this.#open.get(socket)
    if (connection === undefined) return AbortSignal.abort()
    connection.pending.add(response)
    response.once('close', () => connection.pending.delete(response))
    return connection.lost.signal
  }

  /** Resolves when all earlier requests on `socket` have their responses, or the connection is lost. */
  async waitForPending(socket: Duplex): Promise<void> {
    const connection = this.#open.get(socket)
    if (connection === undefined) return
    const { lost, pending } = connection
    for (const response of pending) {
      try {
        await once(response, 'close', { signal: lost.signal })
      } catch (error) {
        if (!lost.signal.aborted) throw error
      }
    }
  }

  /** Responds to bytes that are not a complete HTTP request, and closes the connection (RFC 9112 section 2.2). */
  refuseMalformed(error: ParseError, socket: Duplex): void {
    const connection = this.#open.get(socket)
    // Bytes after a refusal are ignored.
    if (connection === undefined || connection.lost.signal.aborted) return
    connection.lost.abort()
    const responses = [...connection.pending]
    if (!socket.writable || responses.some((one) => one.headersSent && !one.writableEnded)) socket.destroy()
    else endOnSocket(socket, text(...malformed(error)), this.#lingerMs)
  }

  /** Closes connections without any request; Node itself closes those that are idle between requests. */
  closeUnused(): void {
    for (const socket of this.#open.keys()) {
      if ('bytesRead' in socket && socket.bytesRead === 0) socket.destroy()
    }
  }

  destroyAll(): void {
    for (const socket of this.#open.keys()) socket.destroy()
  }
}

/** The error of Node's parser for a request that it cannot parse. */
interface ParseError extends NodeJS.ErrnoException {
  /** The bytes that were read last. */
  readonly rawPacket?: Uint8Array
}

function malformed({ code, rawPacket }: ParseError): [status: number, why: string] {
  const beginning = Buffer.from(rawPacket ?? []).toString('latin1')
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      // RFC 9112 section 3: the request target is what is too long.
      if (/^[A-Z]+ [^ \r\n]{8000}/.test(beginning)) return [414, 'The request target is too long.']
      return [431, 'The header section is too large.']
    case 'HPE_INVALID_METHOD':
      // RFC 9110 section 9.1: a valid request line with an unknown method.
      if (/^[!#$%&'*+\-.^_`|~\w]+ [^ \r\n]+ HTTP\/1\.\d\r\n/.test(beginning))
        return [501, 'This server does not know that method.']
      return [400, 'This is not a request in HTTP/1.1.']
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return [413, 'The chunk extensions are too large.']
    case 'HPE_INVALID_VERSION':
      return [505, 'This server speaks HTTP/1.1.']
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'The request is incomplete.']
    default:
      return [400, 'This is not a request in HTTP/1.1.']
  }
}
