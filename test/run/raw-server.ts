import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Result } from '../../runner/run/result.ts'
import { run } from '../../runner/run/run.ts'
import type { Case } from '../../runner/chapters/chapter.ts'
import type { TargetDescription } from '../../runner/targets/description/schema.ts'
import { Target } from '../../runner/targets/target.ts'
import type { BlockedTime } from '../../runner/run/schedule/event-loop-delay.ts'

/** One exchange, for `caseOf`. */
export const getsOk = [
  { verb: 'request', args: { as: 'get', path: '/' } },
  { verb: 'response', args: { to: 'get', status: 200 } },
]

export const answer = (socket: Socket): unknown => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')

/** Plays a case, one instance at a time, on a server that does this with its connections, the first, the second and so on. */
export async function playedOn(
  entry: Case,
  serve: (socket: Socket, connection: number, server: Server) => void,
  {
    slow = 1,
    isOverloaded = () => false,
    blockedTime,
    description = { http: { path: '/' } },
  }: {
    slow?: number
    isOverloaded?: () => boolean
    blockedTime?: BlockedTime
    description?: Omit<TargetDescription, 'target'>
  } = {},
): Promise<Result[]> {
  let connections = 0
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => serve(socket, ++connections, server))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const target = new Target({
    name: origin,
    base: new URL(origin),
    description: { ...description, target: origin },
    tls: { rejectUnauthorized: true },
    secrets: [],
    env: {},
    isBare: false,
    took: '',
  })
  const results: Result[] = []
  try {
    const options = { concurrency: 1, slow, isOverloaded, ...(blockedTime && { blockedTime }) }
    for await (const result of run({ target, cases: [entry], ...options })) results.push(result)
    return results
  } finally {
    await target.close()
    server.close()
  }
}
