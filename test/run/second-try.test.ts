import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, test } from '@jest/globals'
import type { Result } from '../../runner/run/result.ts'
import { run } from '../../runner/run/run.ts'
import { Target } from '../../runner/target/target.ts'
import { caseOf } from './playing.ts'

/** Plays one exchange on a server that does this with its connections, the first, the second and so on. */
async function played(serve: (socket: Socket, connection: number) => void): Promise<Result[]> {
  let connections = 0
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => serve(socket, ++connections))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const target = new Target({
    name: origin,
    base: new URL(origin),
    description: { target: origin, http: { path: '/' } },
    tls: { rejectUnauthorized: true },
    secrets: [],
    env: {},
    isBare: false,
    took: '',
  })
  const steps = [
    { verb: 'request', args: { as: 'get', path: '/' } },
    { verb: 'response', args: { to: 'get', status: 200 } },
  ]
  const results: Result[] = []
  try {
    for await (const result of run({ target, cases: [caseOf({ steps })], isPressed: () => false }))
      results.push(result)
    return results
  } finally {
    await target.close()
    server.close()
  }
}

const answer = (socket: Socket): unknown => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')

test('a connection that the target ends is tried once more: it may be because of what others did', async () => {
  const results = await played((socket, connection) => (connection === 1 ? socket.end() : answer(socket)))
  expect(results).toMatchObject([{ verdict: 'pass' }])
  expect(results[0]?.transcript[0]?.what).toMatch(/tried once more.*the first time: expected/)
})

test('a target that ends the connection again fails', async () => {
  expect(await played((socket) => socket.end())).toMatchObject([{ verdict: 'fail' }])
})
