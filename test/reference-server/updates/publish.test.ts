import { expect, test } from '@jest/globals'
import { ask, dial, head, serve } from '../serving.ts'

test('what is published is there for the next poll, with its type and id', async () => {
  const { url, publish } = await serve()
  expect(await publish('news', 'häl\nlo', '?type=note&id=n%201')).toBe(204)
  const response = await fetch(url('/poll/news'))
  expect(await response.json()).toEqual({
    next: '1',
    updates: [{ id: 'n 1', type: 'note', data: 'häl\nlo' }],
  })
})

test.each(['type=a%0Ab', 'type=a%0D', 'id=%00', 'id=a%0Ab'])('%s is refused', async (query) => {
  const { publish } = await serve()
  expect(await publish('news', 'x', `?${query}`)).toBe(400)
})

test('content that is announced as too long is refused without a 100, and the connection is closed', async () => {
  const { port } = await serve({ maxUpdateBytes: 100 })
  const lines = ['POST /publish/a HTTP/1.1', 'Host: a', 'Content-Length: 101', 'Expect: 100-continue']
  const answer = await ask(port, ...lines)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(answer).toMatch(/\r\nConnection: close\r\n/)
})

test('content that turns out too long gets its 413 whole while the client still sends', async () => {
  const { port } = await serve({ maxUpdateBytes: 100 })
  const lines = ['POST /publish/a HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked']
  const client = await dial(port, ...lines)
  const chunk = `ffff\r\n${'x'.repeat(0xffff)}\r\n`
  for (let count = 0; count < 20; count++) client.socket.write(chunk)
  const answer = await client.until('\r\n\r\nAt most 100 bytes are accepted.\n')
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  client.socket.write('0\r\n\r\n')
  await client.ended()
})

test('an expectation of 100 is met before the content is sent', async () => {
  const { port } = await serve()
  const lines = ['POST /publish/a HTTP/1.1', 'Host: a', 'Content-Length: 2', 'Expect: 100-continue']
  const client = await dial(port, ...lines, 'Connection: close')
  await client.until('HTTP/1.1 100 Continue\r\n\r\n')
  client.socket.write('ok')
  expect(await client.ended()).toMatch(/HTTP\/1\.1 204 /)
})

test('any other expectation is not met', async () => {
  const { port } = await serve()
  const lines = [
    'POST /publish/a HTTP/1.1',
    'Host: a',
    'Content-Length: 0',
    'Expect: tea',
    'Connection: close',
  ]
  expect(await ask(port, ...lines)).toMatch(/^HTTP\/1\.1 417 /)
})

test('content with a content coding is refused, and the answer says what is taken', async () => {
  const { url } = await serve()
  const headers = { 'content-encoding': 'gzip' }
  const response = await fetch(url('/publish/a'), { method: 'POST', body: 'x', headers })
  expect(response.status).toBe(415)
  expect(response.headers.get('accept-encoding')).toBe('identity')
})

test('a chunk size that is none gets 400, and nothing is published', async () => {
  const { port, url } = await serve()
  const lines = ['POST /publish/a HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked']
  const client = await dial(port)
  client.socket.write(`${head(...lines)}2\r\nok\r\nzz\r\n`)
  expect(await client.ended()).toMatch(/^HTTP\/1\.1 400 /)
  expect(await (await fetch(url('/poll/a'))).json()).toEqual({ next: '0', updates: [] })
})
