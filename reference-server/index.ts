import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIPv6 } from 'node:net'
import type { Duplex } from 'node:stream'
import { type HttpResponse, Refusal, text } from './http/response.ts'
import { Connections } from './http/connections.ts'
import { StreamEndings } from './updates/stream-endings.ts'
import type { Exchange } from './updates/exchange.ts'
import { defaultOptions, type ReferenceOptions } from './updates/options.ts'
import { checkRequest, targetOf } from './http/requests.ts'
import { respondAndClose, send } from './http/send-response.ts'
import { handle, matchPath } from './routes.ts'
import { widelySharedController } from './http/abort-signals.ts'
import { Store } from './updates/store.ts'
import { upgrade } from './upgrade.ts'

export { defaultOptions, type ReferenceOptions } from './updates/options.ts'

export interface ReferenceServer {
  /** Starts to listen; resolves to the base URL. Port 0, the default, takes a free one; rejects if it cannot listen. */
  listen(port?: number, host?: string): Promise<URL>
  /**
   * Ends held requests with their time-out response, event streams with their last chunk and WebSockets with close
   * code 1001. Connections that are still open after `closeMs` are destroyed.
   */
  close(): Promise<void>
}

/** How many connections may wait to be accepted: a runner opens hundreds of them at once. */
const backlog = 4096

/** A conforming server: polling, long-polling, Server-Sent Events and WebSocket on the same channels. */
export function createReferenceServer(options: Partial<ReferenceOptions> = {}): ReferenceServer {
  return new Reference({ ...defaultOptions, ...options })
}

class Reference implements ReferenceServer {
  readonly #options: ReferenceOptions
  readonly #store: Store
  readonly #endings = new StreamEndings()
  readonly #connections: Connections
  readonly #closing = widelySharedController()
  /** Tells the open WebSockets that the server shuts down or restarts. */
  #leaving = widelySharedController()
  // Host is checked by `checkRequest`, so that the response can state the reason.
  readonly #server: Server = createServer({ requireHostHeader: false, keepAliveTimeout: 65_000 })
  #closed: Promise<void> | undefined
  #restarting = Promise.resolve()

  constructor(options: ReferenceOptions) {
    this.#options = options
    this.#store = new Store(options)
    this.#connections = new Connections(options.closeMs)
    this.#serve()
  }

  async listen(port = 0, host = '127.0.0.1'): Promise<URL> {
    await this.#open(port, host)
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no TCP port')
    return new URL(`http://${isIPv6(host) ? `[${host}]` : host}:${address.port}/`)
  }

  async close(): Promise<void> {
    await this.#restarting
    if (this.#server.listening) this.#closed ??= this.#end()
    await this.#closed
  }

  async #open(port: number, host: string): Promise<void> {
    this.#server.listen({ port, host, backlog })
    await once(this.#server, 'listening')
  }

  /** Sends a Close on each WebSocket, destroys all connections, stops listening for a moment and listens again. Published updates are kept. */
  async #restart(): Promise<void> {
    const address = this.#server.address()
    if (address === null || typeof address === 'string' || this.#closed !== undefined) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#leaving.abort()
    this.#leaving = widelySharedController()
    this.#connections.destroyAll()
    await closed
    await this.#open(address.port, address.address)
  }

  async #end(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#closing.abort()
    this.#leaving.abort()
    this.#connections.closeUnused()
    const bound = setTimeout(() => this.#connections.destroyAll(), this.#options.closeMs)
    await closed
    clearTimeout(bound)
  }

  #serve(): void {
    const respond = (request: IncomingMessage, response: ServerResponse): void => {
      this.#respond(request, response).catch((error: unknown) => response.destroy(asError(error)))
    }
    // `checkRequest` checks expectations; the handler that reads the content sends the 100.
    for (const event of ['request', 'checkContinue', 'checkExpectation']) this.#server.on(event, respond)
    this.#server.on('connection', (socket) => this.#connections.add(socket))
    this.#server.on('clientError', (error, socket) => this.#connections.refuseMalformed(error, socket))
    this.#server.on('upgrade', (request, socket, head) => {
      this.#upgrade(request, socket, head).catch((error: unknown) => socket.destroy(asError(error)))
    })
    this.#server.on('connect', (_request, socket) => {
      respondAndClose(socket, text(501, 'This server is no proxy.'), this.#options.closeMs)
    })
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = this.#connections.addPending(request.socket, response)
    const content = await this.#responseTo(request, response, gone)
    if (content === undefined || gone.aborted) return
    send(request, response, content, {
      lingerMs: this.#options.closeMs,
      closing: this.#closing.signal.aborted,
    })
  }

  async #responseTo(
    request: IncomingMessage,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<HttpResponse | undefined> {
    try {
      checkRequest(request)
      // RFC 9110 section 9.3.7: OPTIONS with an asterisk asks about the server as a whole.
      if (request.method === 'OPTIONS' && request.url === '*')
        return { status: 204, headers: { Allow: everyMethod } }
      const url = targetOf(request)
      const match = matchPath(url.pathname)
      return await handle(match, this.#exchange(request, response, url, match?.channel ?? '', gone))
    } catch (error) {
      if (error instanceof Refusal) return error.response
      if (gone.aborted) return undefined
      process.emitWarning(asError(error))
      return text(500, 'The reference server has a defect.')
    }
  }

  #exchange(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    channel: string,
    gone: AbortSignal,
  ): Exchange {
    const closing = this.#closing.signal
    const restart = (): void => {
      this.#restarting = this.#restarting
        .then(() => this.#restart())
        .catch((error: unknown) => process.emitWarning(asError(error)))
    }
    const common = { store: this.#store, endings: this.#endings, options: this.#options, restart }
    return { request, response, url, channel, gone, closing, ...common }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    await this.#connections.untilIdle(socket)
    if (!socket.writable) return
    const common = { store: this.#store, options: this.#options, closing: this.#leaving.signal }
    upgrade(this.#server, common, request, socket, head)
  }
}

const everyMethod = 'GET, HEAD, POST, OPTIONS'

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
