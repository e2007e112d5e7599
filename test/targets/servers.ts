import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { loadTarget, type LoadOptions } from '../../runner/targets/load.ts'
import type { Target } from '../../runner/targets/target.ts'

type Cleanup = () => Promise<unknown> | void
const cleanups: Cleanup[] = []

/** What a test has opened is closed by `closeAll`, last first. */
export const atEnd = (cleanup: Cleanup): void => void cleanups.push(cleanup)

export async function closeAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
}

export const never = (): AbortSignal => new AbortController().signal

export function portOf(server: net.Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port')
  return address.port
}

export async function listening(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return portOf(server)
}

/** What a server was asked. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

type Answering = (asked: Asked, response: http.ServerResponse) => void

/** An HTTP server on the loopback interface that keeps what it was asked. */
export async function httpServer(
  answer: Answering,
): Promise<{ origin: string; port: number; asked: Asked[] }> {
  const asked: Asked[] = []
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
      asked.push(one)
      answer(one, response)
    })
  })
  const port = await listening(server)
  return { origin: `http://127.0.0.1:${port}`, port, asked }
}

/** A WebSocket server on the loopback interface. */
export async function webSocketServer(
  onSocket: (socket: WebSocket, request: http.IncomingMessage) => void,
  options: ServerOptions = {},
): Promise<string> {
  const server = http.createServer()
  const sockets = new WebSocketServer({ server, ...options })
  sockets.on('connection', (socket, request) => {
    socket.on('error', () => undefined)
    onSocket(socket, request)
  })
  return `ws://127.0.0.1:${await listening(server)}`
}

/** A WebSocket message as text; a server of ws gives it as one buffer. */
export function textOf(data: RawData): string {
  if (!Buffer.isBuffer(data)) throw new Error('a message in one piece was wanted')
  return data.toString()
}

/** A port on which nothing listens (any more). */
export async function closedPort(): Promise<number> {
  const server = net.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pushspec-target-'))
  atEnd(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Writes a file into a folder of its own and gives its path. */
export async function file(text: string, name = 'target.yaml'): Promise<string> {
  const path = join(await folder(), name)
  await writeFile(path, text)
  return path
}

/** The target that a description in YAML makes. */
export async function described(yaml: string, options: LoadOptions = {}): Promise<Target> {
  const target = await loadTarget(await file(yaml), { env: {}, ...options })
  atEnd(() => target.close())
  return target
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  throw new Error('this should have failed, but it did not')
}
