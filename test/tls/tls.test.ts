import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type Report, ReportSchema } from '../../runner/report/schema.ts'
import { Connection } from '../../runner/wire/connection.ts'
import { defaultLimits } from '../../runner/wire/limits.ts'
import { Transcript } from '../../runner/wire/transcript.ts'
import { Console } from '../cli/console.ts'
import { parsed } from '../report/parsed.ts'
import { closeAll, file, never } from '../targets/servers.ts'
import { ca, material, tlsServer } from './tls-server.ts'

afterEach(closeAll)

const webSocketCases = ['websocket/messages', 'websocket/closing'].flatMap((id) => ['--only', id])
const streamCases = ['response', 'grammar'].flatMap((id) => ['--only', `server-sent-events/${id}`])

/** Each thing once. */
const all = (things: readonly unknown[]): unknown[] =>
  things.filter((thing, at) => things.findIndex((other) => isDeepStrictEqual(other, thing)) === at)

interface Played {
  readonly code: number
  readonly errors: string
  readonly report: Report
}

/** Plays cases from the command line, to the end of their report. */
async function play(...argv: string[]): Promise<Played> {
  const console = new Console()
  const code = await console.run('run', '--reporter', 'json', ...argv)
  return { code, errors: console.stderr.text, report: parsed(ReportSchema, console.stdout.text) }
}

/** What a command line ends with when there is nothing to judge. */
async function refusal(...argv: string[]): Promise<{ code: number; message: string }> {
  const console = new Console()
  const code = await console.run('run', ...argv)
  return { code, message: console.stderr.text }
}

describe('a WebSocket over TLS', () => {
  test('is judged when --ca vouches for its certificate', async () => {
    const { port } = await tlsServer()
    const { code, errors, report } = await play(`wss://localhost:${port}/echo`, '--ca', ca, ...webSocketCases)
    expect([code, errors]).toEqual([0, ''])
    expect(report.summary).toMatchObject({ fail: 0, inconclusive: 0 })
    expect(report.summary.pass).toBeGreaterThan(20)
  })

  test('is not judged by an end of one side before TLS 1.3, which has none', async () => {
    const { port } = await tlsServer('localhost', 'TLSv1.2')
    const halves = ['client-half-closes', 'close-and-fin-together'].flatMap((id) => [
      '--only',
      `websocket/closing/${id}`,
    ])
    const { report } = await play(`wss://localhost:${port}/echo`, '--ca', ca, ...halves)
    expect(report.summary).toMatchObject({ pass: 0, fail: 0, inconclusive: 2 })
    expect(JSON.stringify(report)).toContain('before TLS 1.3')
  })

  test('is refused when nobody vouches for its certificate, and the message says what can be done', async () => {
    const { port } = await tlsServer()
    const { code, message } = await refusal(`wss://localhost:${port}/echo`, ...webSocketCases)
    expect(code).toBe(3)
    expect(message).toMatch(/^.*cannot reach wss:\/\/localhost:\d+.*issuer.*--ca.*--insecure/)
  })

  test('is refused too where the description leaves nothing to be found out', async () => {
    const { port } = await tlsServer()
    const echo = 'websocket: { path: /echo, echo: true, deflate: false }'
    const description = await file(`target: wss://localhost:${port}\n${echo}\n`)
    const { code, message } = await refusal(description, ...webSocketCases)
    expect(code).toBe(3)
    expect(message).toMatch(/--ca.*--insecure/)
  })

  test('is judged with --insecure, whoever vouches for it and whatever its name', async () => {
    const { port, handshakes } = await tlsServer('other.test')
    const { code, report } = await play(`wss://127.0.0.1:${port}/echo`, '--insecure', ...webSocketCases)
    expect(code).toBe(0)
    expect(report.summary.pass).toBeGreaterThan(20)
    // RFC 6066 section 3: an address is no server name.
    expect(all(handshakes.map(({ servername }) => servername))).toEqual([undefined])
  })

  test('is refused when the certificate is for another name, and the message has both names', async () => {
    const { port } = await tlsServer('other.test')
    const { code, message } = await refusal(`wss://localhost:${port}/echo`, '--ca', ca, ...webSocketCases)
    expect(code).toBe(3)
    expect(message).toMatch(/another name: other\.test, not localhost\..*servername.*--insecure/)
  })

  test('asks for the name in tls.servername, whose certificate is then the right one', async () => {
    const { port, handshakes } = await tlsServer('other.test')
    const description = await file(
      [
        `target: wss://localhost:${port}`,
        'websocket: { path: /echo }',
        `tls: { ca: '${ca}', servername: other.test }`,
      ].join('\n'),
    )
    const { code, report } = await play(description, ...webSocketCases)
    expect(code).toBe(0)
    expect(report.summary.pass).toBeGreaterThan(20)
    expect(all(handshakes.map(({ servername }) => servername))).toEqual(['other.test'])
  })

  test('sends the name of the host, and offers HTTP/1.1 alone', async () => {
    const { port, handshakes, offers } = await tlsServer()
    await play(`wss://localhost:${port}/echo`, '--ca', ca, '--only', 'websocket/closing')
    expect(all(handshakes)).toEqual([{ servername: 'localhost', protocol: 'http/1.1' }])
    expect(all(offers)).toEqual([['http/1.1']])
  })
})

describe('the handshake of a WebSocket', () => {
  test('has the query of the URL, and the header fields and cookies of the command line', async () => {
    const { port, requests } = await tlsServer()
    const url = `wss://localhost:${port}/echo?room=blue&name=a%20b`
    const fields = ['-H', 'X-Caller: ann', '-H', 'Cookie: session=1; theme=dark']
    const { code } = await play(url, '--ca', ca, ...fields, '--only', 'websocket/closing')
    expect(code).toBe(0)
    expect(requests.length).toBeGreaterThan(10)
    for (const request of requests) {
      expect(request.url).toBe('/echo?room=blue&name=a%20b')
      expect(request.headers).toMatchObject({ 'x-caller': 'ann', cookie: 'session=1; theme=dark' })
    }
  })

  test('offers the subprotocol of the description, alone and among others', async () => {
    const { port, requests } = await tlsServer()
    const echo = 'websocket: { path: /echo, echo: true, deflate: false, subprotocols: [chat.v1] }'
    const description = await file(`target: wss://localhost:${port}\n${echo}\n`)
    const only = ['--only', 'websocket/subprotocols/spoken-is-chosen']
    const { code, report } = await play(description, '--ca', ca, ...only)
    expect([code, report.summary.pass]).toEqual([0, 3])
    const offers = requests.map(({ headers }) => headers['sec-websocket-protocol'])
    expect(new Set(offers.filter((offer) => offer !== undefined))).toEqual(
      new Set(['chat.v1', 'x-pushspec.example, chat.v1', 'chat.v1, x-pushspec.example']),
    )
  })
})

describe('an event stream over TLS', () => {
  test('is found and judged when --ca vouches for its certificate', async () => {
    const { port, handshakes } = await tlsServer()
    const { code, errors, report } = await play(
      `https://localhost:${port}/events`,
      '--ca',
      ca,
      ...streamCases,
    )
    expect([code, errors]).toEqual([0, ''])
    expect(report.took).toMatch(/Server-Sent Events/)
    expect(report.summary).toMatchObject({ fail: 0, inconclusive: 0 })
    expect(report.summary.pass).toBeGreaterThan(10)
    expect(all(handshakes)).toEqual([{ servername: 'localhost', protocol: 'http/1.1' }])
  })

  test('is refused when nobody vouches for its certificate, described or not', async () => {
    const { port } = await tlsServer()
    const description = await file(`target: https://localhost:${port}\nsse: { path: /events }\n`)
    for (const target of [`https://localhost:${port}/events`, description]) {
      const { code, message } = await refusal(target, ...streamCases)
      expect(code).toBe(3)
      expect(message).toMatch(/--ca.*--insecure/)
    }
  })

  test('is asked for in the name of tls.servername, by every client of the kit', async () => {
    const { port, handshakes } = await tlsServer('other.test')
    const tls = `tls: { ca: '${ca}', servername: other.test }`
    const description = await file(`target: https://localhost:${port}\nsse: { path: /events }\n${tls}\n`)
    const { code } = await play(description, ...streamCases)
    expect(code).toBe(0)
    expect(all(handshakes.map(({ servername }) => servername))).toEqual(['other.test'])
  })
})

test('a Host field of the command line changes neither the name that is asked for nor the one that is checked', async () => {
  const { port, handshakes, requests } = await tlsServer()
  const url = `https://localhost:${port}/events`
  const only = ['--only', 'server-sent-events/grammar']
  const { code } = await play(url, '--ca', ca, '-H', 'Host: front.test', ...only)
  expect(code).toBe(0)
  expect(all(handshakes.map(({ servername }) => servername))).toEqual(['localhost'])
  expect(requests.map(({ headers }) => headers.host)).toContain('front.test')
})

test('what --ca names is a file of certificates, or the run does not begin', async () => {
  const refused = await refusal('wss://localhost:1/echo', '--ca', join(material, 'README.md'))
  expect(refused).toMatchObject({ code: 2, message: expect.stringContaining('no certificate') })
})

test('a connection over TLS can be reset, and the server sees it', async () => {
  const { port, sockets } = await tlsServer()
  const url = new URL(`https://localhost:${port}`)
  const tls = { ca: readFileSync(ca, 'utf8'), rejectUnauthorized: true }
  const options = { url, tls, actor: 'kit', transcript: new Transcript(), limits: defaultLimits }
  const connection = await Connection.open(options, never())
  await connection.write(Buffer.from('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n'), 'a request')
  await new Promise<void>((resolve) => connection.readWith({ bytes: () => resolve(), end: () => resolve() }))
  const [socket] = sockets
  if (socket === undefined) throw new Error('the server has seen no connection')
  const failed = once(socket, 'error')
  connection.reset()
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  expect(connection.isOpen).toBe(false)
})
