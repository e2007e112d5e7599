import { afterEach } from '@jest/globals'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import {
  createReferenceServer,
  type ReferenceOptions,
  type ReferenceServer,
} from '../../reference-server/index.ts'

const servers: ReferenceServer[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map(async (server) => server.close()))
})

export interface Serving {
  readonly server: ReferenceServer
  readonly url: (path: string) => string
  readonly port: number
  readonly publish: (channel: string, data: string, query?: string) => Promise<number>
  /** Resolves when `/waiters/{channel}` says what is wanted. */
  readonly waiting: (channel: string, wanted: Record<string, number>) => Promise<void>
}

/** A server on a free port, closed after the test. */
export async function serve(options: Partial<ReferenceOptions> = {}): Promise<Serving> {
  const server = createReferenceServer({ closeMs: 500, ...options })
  servers.push(server)
  const base = await server.listen()
  const url = (path: string): string => new URL(path, base).href
  return {
    server,
    url,
    port: Number(base.port),
    publish: async (channel, data, query = '') => {
      const response = await fetch(url(`/publish/${channel}${query}`), { method: 'POST', body: data })
      return response.status
    },
    waiting: async (channel, wanted) => {
      const until = Date.now() + 10_000
      for (;;) {
        const now = await (await fetch(url(`/waiters/${channel}`))).text()
        if (Object.entries(wanted).every(([kind, count]) => now.includes(`"${kind}":${count}`))) return
        if (Date.now() > until) throw new Error(`waited for ${JSON.stringify(wanted)}, got ${now}`)
      }
    },
  }
}

/** A client that writes bytes and sees bytes. */
export interface RawClient {
  readonly socket: Socket
  readonly received: () => string
  /** Resolves with everything received as soon as it holds `what`; rejects if the connection ends before. */
  readonly until: (what: string) => Promise<string>
  /** Resolves with everything received when the server has closed its side; rejects on a reset. */
  readonly ended: () => Promise<string>
}

export async function dial(port: number, ...requestLines: string[]): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  sockets.push(socket)
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => (text += chunk))
  const bound = { signal: AbortSignal.timeout(20_000) }
  const end = once(socket, 'end', bound)
  end.catch(() => undefined)
  const until = async (what: string): Promise<string> => {
    while (!text.includes(what)) {
      const heard = await Promise.race([once(socket, 'data', bound).then(() => true), end.then(() => false)])
      if (!heard && !text.includes(what)) throw new Error(`ended without ${JSON.stringify(what)}: ${text}`)
    }
    return text
  }
  await once(socket, 'connect')
  if (requestLines.length > 0) socket.write(head(...requestLines), 'latin1')
  return { socket, received: () => text, until, ended: async () => end.then(() => text) }
}

/** Lines as a request's header section. */
export function head(...lines: string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** What one request gets, up to the end of the connection. */
export async function ask(port: number, ...requestLines: string[]): Promise<string> {
  const client = await dial(port, ...requestLines)
  return client.ended()
}
