import { describe, expect, test } from '@jest/globals'
import { connect } from 'node:net'
import { once } from 'node:events'
import { request } from 'undici'
import { ask, dial, serve } from '../serving.ts'

const endpoints = ['/', '/publish/a', '/poll/a', '/wait/a', '/events/a', '/ws/a', '/echo', '/waiters/a']

test('the front page lists every endpoint and can be asked for conditionally', async () => {
  const { url } = await serve()
  const response = await fetch(url('/'), { headers: { 'accept-encoding': 'identity' } })
  const page = await response.text()
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  for (const endpoint of endpoints) expect(page).toContain(endpoint.replace('/a', '/{channel}'))
  const headers = { 'if-none-match': response.headers.get('etag') ?? '' }
  expect((await request(url('/'), { headers })).statusCode).toBe(304)
})

describe.each(endpoints)('%s', (path) => {
  test('says what is allowed', async () => {
    const { url } = await serve()
    const answer = await request(url(path), { method: 'OPTIONS' })
    expect(answer.statusCode).toBe(204)
    const refused = await request(url(path), { method: 'DELETE' })
    expect(refused.statusCode).toBe(405)
    expect(refused.headers.allow).toBe(answer.headers.allow)
    expect(answer.headers.allow).toMatch(/^(GET, HEAD|POST), OPTIONS$/)
  })
})

test('any page may use a channel, after a preflight', async () => {
  const { url } = await serve()
  const headers = { origin: 'http://elsewhere.example', 'access-control-request-headers': 'last-event-id' }
  const preflight = await request(url('/events/a'), { method: 'OPTIONS', headers })
  expect(preflight.headers['access-control-allow-origin']).toBe('*')
  expect(preflight.headers['access-control-allow-headers']).toContain('last-event-id')
  const answer = await request(url('/poll/a'))
  expect(answer.headers['access-control-allow-origin']).toBe('*')
  expect(answer.headers['access-control-expose-headers']).toBe('ETag, Next-Cursor')
})

test.each(['/nowhere', '/poll', '/poll/', '/poll/a/b', '/Echo', '/echo/'])(
  '%s is not found',
  async (path) => {
    const { url } = await serve()
    const response = await fetch(url(path))
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  },
)

test('two requests on one connection are answered in order, and the target may be a whole URL', async () => {
  const { port } = await serve()
  const client = await dial(port, 'GET /waiters/a HTTP/1.1', 'Host: a')
  client.socket.write('GET http://a/poll/a HTTP/1.1\r\nHost: a\r\n\r\n')
  const text = await client.until('"updates":[]}')
  expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2)
  expect(text).toMatch(/\r\nDate: .* GMT\r\n/)
})

describe('a request that breaks the rules gets a whole answer and an orderly end', () => {
  test.each<[number, string[]]>([
    [400, ['nonsense']],
    [400, ['GET / HTTP/1.1', 'Host: a', 'Bad Name: x']],
    [400, ['GET / HTTP/1.1', 'Host: a', ' folded: x']],
    [400, ['POST /publish/a HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2']],
    [400, ['POST /publish/a HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Transfer-Encoding: chunked']],
    [400, ['POST /publish/a HTTP/1.0', 'Transfer-Encoding: chunked']],
    [431, ['GET / HTTP/1.1', 'Host: a', `X: ${'x'.repeat(100_000)}`]],
    [505, ['GET / HTTP/2.0', 'Host: a', 'Connection: close']],
    [501, ['CONNECT a:1 HTTP/1.1', 'Host: a']],
    [400, ['GET / HTTP/1.1', 'Connection: close']],
    [400, ['GET / HTTP/1.1', 'Host: a', 'Host: b', 'Connection: close']],
    [400, ['GET / HTTP/1.1', 'Host: a b', 'Connection: close']],
    [400, ['GET /poll/%zz HTTP/1.1', 'Host: a', 'Connection: close']],
    [400, ['GET * HTTP/1.1', 'Host: a', 'Connection: close']],
    [501, ['POST /publish/a HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip, chunked', 'Connection: close']],
  ])('%d', async (status, lines) => {
    const { port } = await serve()
    const answer = await ask(port, ...lines)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(head).toMatch(/\r\nConnection: close(\r\n|$)/)
    expect(head).toContain(`\r\nContent-Length: ${body.length}`)
    expect(answer.match(/HTTP\/1\.1/g)?.length).toBe(1 + (body.match(/HTTP\/1\.1/g)?.length ?? 0))
  })
})

test('OPTIONS with an asterisk asks about the server', async () => {
  const { port } = await serve()
  const answer = await ask(port, 'OPTIONS * HTTP/1.1', 'Host: a', 'Connection: close')
  expect(answer).toMatch(/^HTTP\/1\.1 204 /)
  expect(answer).toContain('\r\nAllow: GET, HEAD, POST, OPTIONS\r\n')
})

test('small content of a refused request does not cost the connection', async () => {
  const { port } = await serve()
  const client = await dial(port)
  client.socket.write('POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi')
  await client.until('lists all paths.\n')
  client.socket.write('GET /waiters/a HTTP/1.1\r\nHost: a\r\n\r\n')
  expect(await client.until('"sockets":0}')).toMatch(/^HTTP\/1\.1 404 /)
})

test('closing waits for no connection on which nothing was asked, and can be called twice', async () => {
  const { server, port } = await serve({ closeMs: 60_000 })
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  await Promise.all([server.close(), server.close(), closed])
  expect(socket.destroyed).toBe(true)
})

test('closing destroys whatever does not end by itself', async () => {
  const { server, port } = await serve({ closeMs: 20 })
  const client = await dial(port)
  client.socket.write('POST /publish/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe')
  client.socket.on('error', () => undefined)
  await server.close()
  expect(client.received()).toBe('')
})

test('a port that is taken makes listen reject', async () => {
  const first = await serve()
  const { createReferenceServer } = await import('../../../reference-server/index.ts')
  await expect(createReferenceServer().listen(first.port)).rejects.toThrow('EADDRINUSE')
})
