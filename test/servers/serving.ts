import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a request says, its content read. */
export interface Asked {
  readonly method: string
  readonly url: URL
  readonly body: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** A server of one dialect, written from its documentation and sharing nothing with the reference server. */
export interface Dialect {
  readonly origin: string
  close(): Promise<void>
}

/** Serves on a free port of the loopback. */
export async function serve(answer: (asked: Asked) => void): Promise<Dialect> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://dialect.example')
      answer({ method: request.method ?? '', url, body: Buffer.concat(chunks).toString(), request, response })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function send(
  { response, method }: Asked,
  status: number,
  headers: Record<string, string> = {},
  body = '',
): void {
  response.writeHead(
    status,
    status === 204 ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
  )
  response.end(method === 'HEAD' ? undefined : body)
}

export const refuse = (asked: Asked, allow: string): void => send(asked, 405, { allow })

/** Those that wait for something to happen, by its name. */
export class Waiting {
  readonly #waiters = new Map<string, Set<() => void>>()

  wake(name: string): void {
    for (const wake of this.#waiters.get(name) ?? []) wake()
  }

  /** True once it has happened, false after `ms` (undefined: never) or when the client is gone. */
  until(name: string, { response }: Asked, ms?: number): Promise<boolean> {
    const waiters = this.#waiters.get(name) ?? new Set()
    this.#waiters.set(name, waiters)
    return new Promise((resolve) => {
      const settle = (happened: boolean): void => {
        clearTimeout(timer)
        waiters.delete(wake)
        response.off('close', leave)
        resolve(happened)
      }
      const wake = (): void => settle(true)
      const leave = (): void => settle(false)
      const timer = ms === undefined ? undefined : setTimeout(() => settle(false), ms)
      waiters.add(wake)
      response.once('close', leave)
    })
  }
}
