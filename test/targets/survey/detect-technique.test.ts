import { afterEach, describe, expect, test } from '@jest/globals'
import net from 'node:net'
import { loadTarget } from '../../../runner/targets/load.ts'
import { detectTechnique } from '../../../runner/targets/survey/detect-technique.ts'
import { probeWebSocket, withSubprotocol } from '../../../runner/targets/survey/websocket.ts'
import type { Target } from '../../../runner/targets/target.ts'
import { Unreachable } from '../../../runner/targets/errors/unreachable.ts'
import {
  atEnd,
  closeAll,
  closedPort,
  described,
  failureOf,
  httpServer,
  listening,
  never,
  textOf,
  webSocketServer,
} from '../servers.ts'

afterEach(closeAll)

/** A server that holds is recognised after this many milliseconds; one that does not has ten seconds. */
const short = { firstByteMs: 200 }
const patient = { firstByteMs: 10_000 }

async function lookAt(url: string, options: { firstByteMs: number }): Promise<Target> {
  const target = await detectTechnique(await loadTarget(url, { env: {} }), never(), options)
  atEnd(() => target.close())
  return target
}

describe('a bare URL', () => {
  test('that streams events is taken for Server-Sent Events', async () => {
    const server = await httpServer((_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).flushHeaders()
    })
    const target = await lookAt(`${server.origin}/events?x=1`, patient)
    expect(target.took).toMatch(/Server-Sent Events.*text\/event-stream/)
    expect(target.isBare).toBe(false)
    expect(target.description.sse).toEqual({ path: '/events?x=1' })
    expect(target.description.http).toBeUndefined()
    expect(target.ability('sse').how).toBe('found')
    expect(server.asked[0]?.headers.accept).toBe('text/event-stream, */*')
  })

  test('that answers with an entity tag is polled with it', async () => {
    const server = await httpServer((_asked, response) =>
      response.writeHead(200, { etag: '"1"' }).end('state'),
    )
    const target = await lookAt(`${server.origin}/state`, patient)
    expect(target.took).toMatch(/polling: it responds with 200 at once, and with an entity tag/)
    expect(target.description.polling).toMatchObject({
      cursor: { from: { header: 'etag' }, send: { header: 'if-none-match' } },
      empty: { status: 304 },
    })
    expect(target.ability('http').how).toBe('found')
    expect(target.ability('polling.queue').has).toBe(false)
  })

  test('that answers without one has no cursor', async () => {
    const server = await httpServer((_asked, response) => response.end('state'))
    const target = await lookAt(server.origin, patient)
    expect(target.description.polling).toEqual({ path: '/', delivers: 'last' })
    expect(target.description.http).toEqual({ path: '/' })
  })

  test('that answers with an error is plain HTTP only', async () => {
    const server = await httpServer((_asked, response) => response.writeHead(404).end())
    const target = await lookAt(server.origin, patient)
    expect(target.took).toMatch(
      /^plain HTTP: it responds with 404 Not Found at once\. .*is the path right\?$/,
    )
    expect(target.ability('polling').has).toBe(false)
    expect(target.ability('http').has).toBe(true)
  })

  test('that asks for an upgrade is taken for a WebSocket', async () => {
    const server = await httpServer((_asked, response) =>
      response.writeHead(426, { upgrade: 'websocket' }).end(),
    )
    const target = await lookAt(`${server.origin}/chat`, patient)
    expect(target.description.websocket).toEqual({ path: '/chat' })
    expect(target.address('websocket', {}).url.protocol).toBe('ws:')
  })

  test('that holds the request is taken for long-polling', async () => {
    const server = await httpServer(() => undefined)
    const target = await lookAt(`${server.origin}/wait`, short)
    expect(target.took).toMatch(/long-polling: it held the request for 200 ms/)
    expect(target.description['long-polling']).toEqual({ path: '/wait' })
    expect(target.ability('polling').has).toBe(false)
  })

  test('that sends its header section and holds the content is long-polling with early headers', async () => {
    const server = await httpServer((_asked, response) =>
      response.writeHead(200, { 'content-length': 5 }).flushHeaders(),
    )
    const target = await lookAt(server.origin, short)
    expect(target.description['long-polling']).toEqual({ path: '/', earlyHeaders: true })
  })

  test('that sends the beginning of a response and holds the rest is long-polling, too', async () => {
    const server = await httpServer((_asked, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"results":[\n'),
    )
    const target = await lookAt(server.origin, short)
    expect(target.took).toBe('long-polling: it sends the beginning of a response and holds the rest')
    expect(target.description['long-polling']).toEqual({ path: '/', earlyHeaders: true })
  })

  test('that sends more and more, and no events, is refused', async () => {
    const server = await httpServer((_asked, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      const timer = setInterval(() => response.write('{}\n'), 50)
      response.once('close', () => clearInterval(timer))
    })
    const error = await failureOf(lookAt(server.origin, { firstByteMs: 1500 }))
    expect(error.message).toMatch(/sends a response without end, as application\/x-ndjson\. An event stream/)
  })

  test.each([
    ['that goes on', 'data: 1\n\n', false],
    ['that ends', '\uFEFF: hello\r\n\r\nid: 1\r\ndata\r\n\r\n', true],
  ])('that sends the lines of an event stream %s has a wrong type', async (_what, text, ends) => {
    const server = await httpServer((_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).write(text)
      if (ends) response.end()
    })
    const target = await lookAt(`${server.origin}/events`, ends ? patient : short)
    expect(target.took).toMatch(
      /Server-Sent Events: it sends the lines of an event stream, but as text\/html/,
    )
    expect(target.description.sse).toEqual({ path: '/events' })
  })

  test('that floods is read no further than is needed', async () => {
    const server = await httpServer((_asked, response) => {
      const flood = (): void => {
        if (response.destroyed) return
        while (response.write('x'.repeat(65_536))) if (response.destroyed) return
        response.once('drain', flood)
      }
      flood()
    })
    expect((await lookAt(server.origin, patient)).took).toMatch(/polling: it responds with 200 at once/)
  })

  test('where nothing listens is unreachable', async () => {
    const error = await failureOf(lookAt(`http://127.0.0.1:${await closedPort()}/`, short))
    expect(error).toBeInstanceOf(Unreachable)
    expect(error.message).toMatch(/connection refused/)
  })

  test('where the connection is closed without an answer is unreachable', async () => {
    const port = await listening(net.createServer((socket) => socket.once('data', () => socket.end())))
    const error = await failureOf(lookAt(`http://127.0.0.1:${port}/`, patient))
    expect(error).toBeInstanceOf(Unreachable)
    expect(error.message).toMatch(/closed before a response/)
  })

  test('is left when the run is interrupted', async () => {
    const server = await httpServer(() => interruption.abort(new Error('interrupted')))
    const interruption = new AbortController()
    const target = await loadTarget(server.origin)
    atEnd(() => target.close())
    expect((await failureOf(detectTechnique(target, interruption.signal, patient))).message).toBe(
      'interrupted',
    )
  })
})

const echo = (url: string) => described(`target: ${url}\nwebsocket: { path: /echo }`)

describe('a WebSocket endpoint', () => {
  test('that echoes and compresses is found to do both', async () => {
    const url = await webSocketServer(
      (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
      { perMessageDeflate: true },
    )
    const target = await echo(url)
    await probeWebSocket(target, never(), { echoMs: 10_000 })
    expect(target.ability('websocket.echo').how).toBe('found')
    expect(target.ability('websocket.deflate').how).toBe('found')
  })

  test('that answers something else is no echo', async () => {
    const url = await webSocketServer((socket) =>
      socket.on('message', (data) => socket.send(`you said: ${textOf(data)}`)),
    )
    const target = await echo(url)
    await probeWebSocket(target, never(), { echoMs: 200 })
    expect(target.ability('websocket.echo').has).toBe(false)
    expect(target.ability('websocket.deflate').has).toBe(false)
  })

  test('that sends the text back as binary is no echo', async () => {
    const url = await webSocketServer((socket) =>
      socket.on('message', (data) => socket.send(data, { binary: true })),
    )
    const target = await echo(url)
    await probeWebSocket(target, never(), { echoMs: 200 })
    expect(target.ability('websocket.echo').has).toBe(false)
  })

  test('that ends every connection at once says how', async () => {
    const url = await webSocketServer((socket) => socket.close(4401, 'token wanted'))
    const target = await echo(url)
    await probeWebSocket(target, never(), { echoMs: 10_000 })
    expect(target.hangsUp).toMatch(/^the target ends every connection at once, with code 4401 "token wanted"/)
  })

  test('that ends a connection only because of what it was sent does not end all of them', async () => {
    const url = await webSocketServer((socket) => socket.on('message', () => socket.close(1003)))
    const target = await echo(url)
    await probeWebSocket(target, never(), { echoMs: 10_000 })
    expect(target.hangsUp).toBeUndefined()
  })

  test('that wants a subprotocol in common use is spoken to with it', async () => {
    const url = await webSocketServer(
      (socket) => (socket.protocol === 'mqtt' ? undefined : socket.close(4406)),
      { handleProtocols: (offered) => offered.has('mqtt') && 'mqtt' },
    )
    const target = await withSubprotocol(await echo(url), never())
    await probeWebSocket(target, never(), { echoMs: 200 })
    expect(target.offer('websocket')).toEqual(['mqtt'])
    expect(target.ability('websocket.subprotocols').how).toBe('found')
    expect(target.hangsUp).toBeUndefined()
  })

  test('that is described in full is not asked', async () => {
    const target = await described(
      'target: ws://127.0.0.1:1\nwebsocket: { path: /, echo: false, deflate: false }',
    )
    await expect(probeWebSocket(target, never())).resolves.toBeUndefined()
  })

  test('that refuses the handshake has nothing that could be found', async () => {
    const server = await httpServer((_asked, response) => response.writeHead(403).end())
    const target = await echo(server.origin.replace('http', 'ws'))
    await probeWebSocket(target, never())
    expect(target.ability('websocket.echo').has).toBe(false)
  })

  test('that resets the handshake was reached', async () => {
    const port = await listening(
      net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    )
    const target = await echo(`ws://127.0.0.1:${port}`)
    await expect(probeWebSocket(target, never())).resolves.toBeUndefined()
  })

  test('where nothing listens is unreachable', async () => {
    const error = await failureOf(probeWebSocket(await echo(`ws://127.0.0.1:${await closedPort()}`), never()))
    expect(error).toBeInstanceOf(Unreachable)
    expect(error.message).toMatch(
      /^cannot reach ws:\/\/127\.0\.0\.1:\d+\/echo: connection refused\. Is the server running\? \(--start/,
    )
  })
})
