import { describe, expect, test } from '@jest/globals'
import { ask, dial, serve } from '../serving.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const good = {
  Host: 'a',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': key,
  'Sec-WebSocket-Version': '13',
}

function handshake(change: Record<string, string | undefined> = {}, more: string[] = []): string[] {
  const fields = Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined)
  return ['GET /echo HTTP/1.1', ...fields.map(([name, value]) => `${name}: ${value}`), ...more]
}

async function accepted(
  change: Record<string, string | undefined> = {},
  more: string[] = [],
): Promise<string> {
  const { port } = await serve()
  const client = await dial(port, ...handshake(change, more))
  return client.until('\r\n\r\n')
}

describe('a handshake is accepted', () => {
  test('with the accept value of the standard, and neither subprotocol nor extension unasked', async () => {
    const answer = await accepted()
    expect(answer).toMatch(/^HTTP\/1\.1 101 /)
    expect(answer).toContain('\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')
    expect(answer).not.toMatch(/sec-websocket-(protocol|extensions)/i)
  })

  test.each([
    { Upgrade: 'WebSocket' },
    { Upgrade: 'h2c, websocket' },
    { Connection: 'keep-alive, upgrade' },
    { 'Sec-WebSocket-Protocol': 'unknown' },
    { 'Sec-WebSocket-Extensions': 'x-unknown; a="b"; c' },
  ])('with %j', async (change) => {
    const answer = await accepted(change)
    expect(answer).toMatch(/^HTTP\/1\.1 101 /)
    expect(answer).not.toMatch(/sec-websocket-(protocol|extensions)/i)
  })

  test('with the subprotocol that the client likes best, over several lines', async () => {
    const answer = await accepted({}, [
      'Sec-WebSocket-Protocol: x, chat.v2',
      'Sec-WebSocket-Protocol: chat.v1',
    ])
    expect(answer).toContain('\r\nSec-WebSocket-Protocol: chat.v2\r\n')
  })

  test.each([
    ['permessage-deflate', 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate'],
    ['permessage-deflate; server_max_window_bits=10', 'permessage-deflate; server_max_window_bits=10'],
    ['permessage-deflate; server_max_window_bits="10"', 'permessage-deflate; server_max_window_bits=10'],
    ['permessage-deflate; nonsense=1, permessage-deflate', 'permessage-deflate'],
  ])('with the extension offered as %s', async (offer, agreed) => {
    expect(await accepted({ 'Sec-WebSocket-Extensions': offer })).toContain(
      `\r\nSec-WebSocket-Extensions: ${agreed}\r\n`,
    )
  })

  test.each([
    'permessage-deflate; nonsense=1',
    'permessage-deflate; server_max_window_bits=16',
    'permessage-deflate; server_max_window_bits=8',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; client_no_context_takeover; client_no_context_takeover',
  ])('without the extension offered as %s', async (offer) => {
    const answer = await accepted({ 'Sec-WebSocket-Extensions': offer })
    expect(answer).toMatch(/^HTTP\/1\.1 101 /)
    expect(answer).not.toMatch(/sec-websocket-extensions/i)
  })
})

describe('a handshake is refused with a whole response and a closed connection', () => {
  test.each<[number, Record<string, string | undefined>, string[]]>([
    [400, { Host: undefined }, []],
    [400, {}, ['Host: b']],
    [400, { 'Sec-WebSocket-Key': undefined }, []],
    [400, { 'Sec-WebSocket-Key': 'short' }, []],
    [400, { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZR==' }, []],
    [400, { 'Sec-WebSocket-Key': key.slice(0, -2) }, []],
    [400, {}, [`Sec-WebSocket-Key: ${key}`]],
    [400, { 'Sec-WebSocket-Protocol': 'a b' }, []],
    [400, { 'Sec-WebSocket-Protocol': '' }, []],
    [400, { 'Sec-WebSocket-Protocol': 'a, a' }, []],
    [400, { 'Sec-WebSocket-Extensions': 'a;' }, []],
    [400, { 'Sec-WebSocket-Extensions': 'a; b="c d"' }, []],
    [400, { 'Sec-WebSocket-Extensions': '' }, []],
    [400, { 'Content-Length': '5' }, []],
    [426, { 'Sec-WebSocket-Version': undefined }, []],
    [426, { 'Sec-WebSocket-Version': '8' }, []],
    [426, { 'Sec-WebSocket-Version': '013' }, []],
    [426, {}, ['Sec-WebSocket-Version: 13']],
  ])('%d for %j %j', async (status, change, more) => {
    const { port } = await serve()
    const answer = await ask(port, ...handshake(change, more))
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(head).toMatch(/\r\nConnection: (Upgrade, )?close(\r\n|$)/)
    expect(head).toMatch(/\r\nDate: /)
    expect(head).toContain(`\r\nContent-Length: ${body.length}`)
    expect(body).not.toBe('')
    expect(/\r\nSec-WebSocket-Version: 13\b/.test(head)).toBe(status === 426)
  })

  test('when the path is unknown, with 404', async () => {
    const { port } = await serve()
    const [, ...fields] = handshake()
    const client = await dial(port, 'GET /nowhere HTTP/1.1', ...fields)
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 404 /)
  })

  test('when the cursor lies ahead of the channel, with 400', async () => {
    const { port } = await serve()
    const [, ...fields] = handshake()
    expect(await ask(port, 'GET /ws/news?since=5 HTTP/1.1', ...fields)).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('a request that is no handshake', () => {
  test('gets 426 and learns the protocol that is spoken', async () => {
    const { url } = await serve()
    const response = await fetch(url('/echo'))
    expect(response.status).toBe(426)
    expect(response.headers.get('upgrade')).toBe('websocket')
    expect(response.headers.get('sec-websocket-version')).toBe('13')
  })

  test('gets 400 if only Connection does not ask for the upgrade', async () => {
    const { port } = await serve()
    const client = await dial(port, ...handshake({ Connection: 'keep-alive' }))
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('gets 405 with another method, upgrade or not', async () => {
    const { port } = await serve()
    const [, ...fields] = handshake()
    const client = await dial(port, 'POST /echo HTTP/1.1', ...fields, 'Content-Length: 0')
    const answer = await client.until('\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 405 /)
    expect(answer).toContain('\r\nAllow: GET, HEAD, OPTIONS\r\n')
  })

  test('is answered as if it did not ask for another protocol, content and all', async () => {
    const { port, url } = await serve()
    const fields = ['Host: a', 'Upgrade: h2c', 'Connection: Upgrade', 'Content-Length: 5']
    const client = await dial(port)
    client.socket.write(`POST /publish/news HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\nhe`)
    client.socket.write('llo')
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 204 /)
    client.socket.write('GET /poll/news HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await client.until('"data":"hello"')).toContain('HTTP/1.1 200 ')
    expect(await (await fetch(url('/poll/news'))).text()).toContain('hello')
  })

  test('an HTTP/1.0 client cannot upgrade', async () => {
    const { port } = await serve()
    const [, ...fields] = handshake()
    expect(await ask(port, 'GET /echo HTTP/1.0', ...fields)).toMatch(/^HTTP\/1\.1 426 /)
  })

  test('a handshake behind a held request waits for its turn', async () => {
    const { port, publish, waiting } = await serve()
    const client = await dial(port, 'GET /wait/news HTTP/1.1', 'Host: a')
    client.socket.write(`${handshake().join('\r\n')}\r\n\r\n`)
    await waiting('news', { held: 1 })
    await publish('news', 'x')
    const answer = await client.until('Sec-WebSocket-Accept')
    expect(answer.indexOf('HTTP/1.1 200 ')).toBe(0)
    expect(answer.indexOf('HTTP/1.1 101 ')).toBeGreaterThan(answer.indexOf('"data":"x"'))
  })
})
