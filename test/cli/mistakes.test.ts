import http from 'node:http'
import net from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { WebSocketServer } from 'ws'
import { atEnd, closeAll, closedPort, file, httpServer, listening } from '../targets/servers.ts'
import { ca, tlsServer } from '../tls/tls-server.ts'
import { explainError } from '../../runner/cli/errors.ts'
import { reach } from '../../runner/reach/reach.ts'
import { loadTarget, type LoadOptions } from '../../runner/targets/load.ts'
import { Console } from './console.ts'

afterEach(closeAll)

interface Said {
  readonly code: number
  readonly text: string
}

/** The messages about a target before the first case is played, and the exit code if none is played. */
async function look(url: string, options: LoadOptions = {}): Promise<Said> {
  const console = new Console()
  try {
    const loaded = await loadTarget(url, { env: {}, ...options })
    const { target, close } = await reach(loaded, {
      signal: new AbortController().signal,
      stderr: console.stderr,
    })
    await close()
    return { code: 0, text: `${console.stderr.text}detected as ${target.took}` }
  } catch (error) {
    return { code: explainError(error, console), text: console.stderr.text }
  }
}

/** The output of a run on both streams. */
async function play(target: string, only: string, ...args: string[]): Promise<Said> {
  const console = new Console()
  const code = await console.run('run', target, '--slow', '0.2', '--only', only, ...args)
  return { code, text: console.stdout.text + console.stderr.text }
}

/** A server with an event stream at /events, a WebSocket at /ws, and nothing else. Returns `127.0.0.1:port`. */
async function tutorialServer(): Promise<string> {
  const server = http.createServer((request, response) => {
    if (request.url !== '/events') return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  })
  const sockets = new WebSocketServer({ server, path: '/ws' })
  sockets.on('connection', (socket) => socket.on('error', () => undefined))
  return `127.0.0.1:${await listening(server)}`
}

/** A server with this response to every request and handshake. */
async function serverWithResponse(status: number, headers: http.OutgoingHttpHeaders = {}): Promise<string> {
  const { origin } = await httpServer((_asked, response) => void response.writeHead(status, headers).end())
  return origin.replace('http://', '')
}

describe('a wrong address', () => {
  test('of a WebSocket, with a wrong path', async () => {
    const host = await serverWithResponse(404)
    const { code, text } = await look(`ws://${host}/ech`)
    expect(text).toMatch(
      /ws:\/\/.*\/ech responds to the opening handshake .* 404 Not Found\. There is nothing at \/ech: is the path right\?/,
    )
    expect(code).toBe(3)
  })

  test('of an event stream, with a wrong path', async () => {
    const { text } = await look(`http://${await tutorialServer()}/evnets`)
    expect(text).toMatch(
      /plain HTTP: it responds with 404 Not Found at once\. There is nothing at \/evnets: is the path right\?/,
    )
  })

  test('with http for a WebSocket, which is detected', async () => {
    const { text } = await look(`http://${await tutorialServer()}/ws`)
    expect(text).toMatch(/detected as WebSocket: it responds to GET with \d+, and agrees to an upgrade/)
  })

  test('with ws for an event stream', async () => {
    const host = await serverWithResponse(200, { 'content-type': 'text/event-stream' })
    const { code, text } = await look(`ws://${host}/events`)
    expect(text).toMatch(/with 200 OK\. This is an event stream: say http:\/\/127\.0\.0\.1:\d+\/events/)
    expect(code).toBe(3)
  })

  test('with ws for plain HTTP', async () => {
    const { text } = await look(`ws://${await serverWithResponse(200)}/`)
    expect(text).toMatch(
      /This is plain HTTP: say http:\/\/.* to judge that, or give the path of the WebSocket/,
    )
  })

  test.each(['ws', 'http'])('that redirects (%s)', async (scheme) => {
    const host = await serverWithResponse(302, { location: '/login' })
    const { code, text } = await look(`${scheme}://${host}/chat`)
    expect(text).toMatch(/302 Found\. It redirects to \/login: give that address/)
    expect(code).toBe(3)
  })

  test('with a closed port, or an unknown host', async () => {
    const { code, text } = await look(`http://127.0.0.1:${await closedPort()}/`)
    expect(text).toMatch(/connection refused\. Is the server running\? \(--start/)
    expect(code).toBe(3)
    const named = await look('http://no-such-host.invalid/')
    expect(named.text).toMatch(
      /no such host\. Is its name spelt right\?|could not be looked up\. Is there a network/,
    )
    expect(named.code).toBe(3)
  })
})

describe('a server that requires more', () => {
  test.each([
    [401, {}, /401 Unauthorized\. It requires a header field with credentials: -H 'authorization: /],
    [403, {}, /403 Forbidden\. Does it require a header field, or a known Origin\? -H/],
    [
      429,
      { 'retry-after': '30' },
      /429 Too Many Requests\. It limits the rate of requests \(Retry-After: 30\)\. .*--concurrency/,
    ],
    [503, {}, /503 Service Unavailable\. It is unavailable for now: .*too many connections\?/],
  ])('%s', async (status, headers, message) => {
    const host = await serverWithResponse(status, headers)
    for (const scheme of ['ws', 'http']) {
      const { code, text } = await look(`${scheme}://${host}/`)
      expect(text).toMatch(message)
      expect(code).toBe(3)
    }
  })

  test('an endpoint of a description is judged nevertheless, after a note', async () => {
    const host = await serverWithResponse(403)
    const path = await file(`target: http://${host}\nwebsocket: { path: /chat }\n`)
    const { code, text } = await play(path, 'websocket/opening-handshake/accept-key')
    expect(text).toMatch(/note: ws:.*403 Forbidden/)
    expect(code).toBe(1)
  })

  test('a rate limit that is reached during the run causes no failure', async () => {
    let left = 8
    const server = http.createServer((_request, response) => void response.writeHead(429).end())
    const sockets = new WebSocketServer({ noServer: true })
    sockets.on('connection', (socket) => socket.on('error', () => undefined))
    server.on('upgrade', (request, socket, head) => {
      if (left-- > 0) sockets.handleUpgrade(request, socket, head, (one) => sockets.emit('connection', one))
      else socket.end('HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n')
    })
    const url = `ws://127.0.0.1:${await listening(server)}/`
    const { code, text } = await play(url, 'websocket/opening-handshake', '--concurrency', '1')
    expect(text).toMatch(
      /Could not judge \d+ cases: 429: the server limits the rate of requests; --concurrency 4/,
    )
    expect(text).not.toMatch(/FAIL.*\n(.*\n){2}.*429/)
    expect(code).toBe(3)
  })
})

describe('TLS', () => {
  test('a TLS port, with a plain URL', async () => {
    const { port } = await tlsServer()
    for (const [url, said] of [
      [`http://localhost:${port}/events`, 'https'],
      [`ws://localhost:${port}/echo`, 'wss'],
    ] as const) {
      const { code, text } = await look(url)
      expect(text).toMatch(new RegExp(`the port speaks TLS\\. Say ${said}://localhost:${port}/`))
      expect(code).toBe(3)
    }
  })

  test('a TLS port that responds to plain requests with 400', async () => {
    const { port } = await tlsServer()
    // Bytes of a TLS handshake begin with 22 (RFC 8446 section 5.1); anything else gets an HTTP response.
    const front = net.createServer((socket) =>
      socket.once('data', (bytes) => {
        if (bytes[0] !== 22) return socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
        const back = net.connect(port, '127.0.0.1').on('error', () => socket.destroy())
        socket.on('close', () => back.destroy())
        back.write(bytes)
        return socket.pipe(back).pipe(socket)
      }),
    )
    const host = `127.0.0.1:${await listening(front)}`
    for (const scheme of ['http', 'ws'])
      expect((await look(`${scheme}://${host}/`)).text).toContain('the port speaks TLS')
  })

  test('a plain port, with a TLS URL', async () => {
    const { code, text } = await look(`https://${await tutorialServer()}/events`)
    expect(text).toMatch(/does not speak TLS.* Does it speak plain HTTP there\? Then say http:\/\/127/)
    expect(code).toBe(3)
  })

  test('a certificate of an unknown issuer, and one for another name', async () => {
    const { port } = await tlsServer('other.test')
    const unknown = await look(`https://localhost:${port}/events`)
    expect(unknown.text).toMatch(/the issuer of its certificate is not known\. \(--ca .*--insecure/)
    const other = await look(`https://localhost:${port}/events`, { ca })
    expect(other.text).toMatch(/for another name: other\.test, not localhost\. .*servername/)
    expect([unknown.code, other.code]).toEqual([3, 3])
  })
})

describe('a server whose updates do not arrive', () => {
  const only = 'server-sent-events/delivery/to-everybody'
  const description = (host: string, publish: string): Promise<string> =>
    file(`target: http://${host}\nsse: { path: '/events/\${channel}' }\npublish: { request: ${publish} }\n`)

  test.each([
    [404, {}, /got 404 Not Found .*\. There is nothing at \/publish\/.*: is the path right\?/],
    [405, { allow: 'PUT' }, /got 405 Method Not Allowed .*\. It requires another method there: PUT/],
  ])('a publish hook with the response %s', async (status, headers, message) => {
    const { origin } = await httpServer(({ method }, response) => {
      if (method === 'POST') return void response.writeHead(status, headers).end()
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    })
    const host = origin.replace('http://', '')
    const path = await description(host, `{ method: POST, path: '/publish/\${channel}', body: '\${data}' }`)
    const { code, text } = await play(path, only)
    expect(text).toMatch(message)
    expect(code).toBe(3)
  })

  test('a proxy that buffers the stream', async () => {
    const streams = new Set<http.ServerResponse>()
    const server = await httpServer(({ method, body }, response) => {
      if (method === 'POST') {
        for (const stream of streams) stream.write(`data: ${body}\n\n`)
        return void response.writeHead(204).end()
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      streams.add(response)
    })
    const proxy = http.createServer((request, response) => {
      const { method, url } = request
      const onward = http.request({ port: server.port, host: '127.0.0.1', method, path: url }, (answer) => {
        const kept: Buffer[] = []
        response.writeHead(answer.statusCode ?? 0, {
          'content-type': answer.headers['content-type'] ?? 'text/plain',
        })
        response.flushHeaders()
        answer
          .on('data', (chunk: Buffer) => kept.push(chunk))
          .on('end', () => response.end(Buffer.concat(kept)))
      })
      atEnd(() => void onward.destroy())
      request.pipe(onward.on('error', () => response.destroy()))
    })
    const host = `127.0.0.1:${await listening(proxy)}`
    const path = await description(host, `{ method: POST, path: '/publish/\${channel}', body: '\${data}' }`)
    const { text } = await play(path, only)
    expect(text).toMatch(
      /no byte after the header section either: if the server has sent the event, an intermediary holds it back/,
    )
  })
})
