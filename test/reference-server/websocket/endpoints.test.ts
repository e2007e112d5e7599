import { describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { type ClientOptions, type RawData, WebSocket } from 'ws'
import { serve } from '../serving.ts'

interface Message {
  readonly text: string
  readonly isBinary: boolean
}

/** An open WebSocket, and its messages one by one as they were received. */
async function open(address: string, subprotocols: string[] = [], options: ClientOptions = {}) {
  const socket = new WebSocket(address.replace('http', 'ws'), subprotocols, options)
  const messages: Message[] = []
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (!Buffer.isBuffer(data)) throw new Error('ws gives Buffers unless told otherwise')
    messages.push({ text: data.toString('latin1'), isBinary })
  })
  const next = async (): Promise<Message | undefined> => {
    if (messages.length === 0) await once(socket, 'message', { signal: AbortSignal.timeout(20_000) })
    return messages.shift()
  }
  await once(socket, 'open')
  return { socket, next }
}

async function closeOf(socket: WebSocket): Promise<unknown> {
  const [code]: unknown[] = await once(socket, 'close', { signal: AbortSignal.timeout(20_000) })
  return code
}

describe('echo', () => {
  test.each([true, false])('gives text back as text and binary as binary (deflate: %s)', async (deflate) => {
    const { url } = await serve()
    const { socket, next } = await open(url('/echo'), [], { perMessageDeflate: deflate })
    expect(socket.extensions).toBe(deflate ? 'permessage-deflate' : '')
    socket.send('hello')
    socket.send(Buffer.from([0, 255]))
    expect(await next()).toEqual({ text: 'hello', isBinary: false })
    expect(await next()).toEqual({ text: '\0\u00ff', isBinary: true })
    socket.close(1000)
    expect(await closeOf(socket)).toBe(1000)
  })

  test('gives back a message of a megabyte, and nothing for one that is too large', async () => {
    const { url } = await serve({ maxMessageBytes: 1024 * 1024 })
    const { socket, next } = await open(url('/echo'))
    const large = 'x'.repeat(1024 * 1024)
    socket.send(large)
    expect((await next())?.text === large).toBe(true)
    socket.send(`${large}x`)
    expect(await closeOf(socket)).toBe(1009)
  })

  test('answers every one of many pings sent at once', async () => {
    const { url } = await serve()
    const { socket } = await open(url('/echo'))
    const pongs: string[] = []
    const all = new Promise<void>((resolve) => {
      socket.on('pong', (payload) => {
        pongs.push(payload.toString())
        if (pongs.length === 500) resolve()
      })
    })
    const sent = Array.from({ length: 500 }, (_, index) => String(index))
    for (const payload of sent) socket.ping(payload)
    await all
    expect(pongs).toEqual(sent)
    socket.terminate()
  })

  test('agrees to the first subprotocol of the client that it knows', async () => {
    const { url } = await serve()
    const { socket } = await open(url('/echo'), ['chat.v3', 'chat.v2', 'chat.v1'])
    expect(socket.protocol).toBe('chat.v2')
    socket.terminate()
  })

  test('gives back everything to a client that reads only after it has sent all', async () => {
    const { url } = await serve({ maxMessageBytes: 64 * 1024 })
    const { socket, next } = await open(url('/echo'), [], { perMessageDeflate: false })
    socket.pause()
    const payload = 'x'.repeat(16 * 1024)
    for (let count = 0; count < 100; count++) socket.send(payload)
    socket.resume()
    for (let count = 0; count < 100; count++) expect((await next())?.text.length).toBe(payload.length)
    socket.terminate()
  })
})

describe('a channel', () => {
  test('delivers what is published, from the cursor on', async () => {
    const { url, publish, waiting } = await serve()
    await publish('news', 'a')
    await publish('news', 'b')
    const late = await open(url('/ws/news?since=1'))
    const now = await open(url('/ws/news'))
    await waiting('news', { sockets: 2 })
    await publish('news', 'c')
    expect([(await late.next())?.text, (await late.next())?.text]).toEqual(['b', 'c'])
    expect((await now.next())?.text).toBe('c')
    late.socket.terminate()
    now.socket.terminate()
    await waiting('news', { sockets: 0 })
  })

  test('publishes the text that a client sends, and refuses binary with 1003', async () => {
    const { url } = await serve()
    const { socket, next } = await open(url('/ws/news'))
    socket.send('from a peer')
    expect((await next())?.text).toBe('from a peer')
    expect(await (await fetch(url('/poll/news'))).text()).toContain('from a peer')
    socket.send(Buffer.from([1]))
    expect(await closeOf(socket)).toBe(1003)
  })
})

test('closing the server closes a WebSocket with 1001', async () => {
  const { server, url } = await serve()
  const { socket } = await open(url('/echo'))
  const code = closeOf(socket)
  await server.close()
  expect(await code).toBe(1001)
})
