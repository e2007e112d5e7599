import { execFile, spawnSync } from 'node:child_process'
import net from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, test, afterAll } from '@jest/globals'
import * as fc from 'fast-check'
import { type BrokenServer, brokenServers } from '../../../fixtures/broken-servers/index.ts'
import { faults } from '../../../fixtures/faults/index.ts'
import { startVariantProxy } from '../../../fixtures/proxy/proxy.ts'
import { createReferenceServer } from '../../../reference-server/index.ts'
import { referenceDescription } from '../../../runner/package/paths.ts'
import { reportCase, resultOf } from '../../../runner/report/json-case.ts'
import { redactResult } from '../../../runner/report/redact.ts'
import { Redactor } from '../../../runner/text/redact.ts'
import { type Reproduction, reproduce } from '../../../runner/report/reproduce/reproduce.ts'
import type { Result } from '../../../runner/run/result.ts'
import { loadTarget } from '../../../runner/targets/load.ts'
import { runLengthEncode } from '../../../runner/wire/bytes/run-length.ts'
import { leftOutNote, Transcript } from '../../../runner/wire/transcript.ts'
import { playedOn, playedOnBroken } from '../../fixtures/broken-servers/play-cases.ts'
import { tlsServer } from '../../tls/tls-server.ts'
import { entry, result } from '../results.ts'
import { closeAll } from '../../targets/servers.ts'

afterAll(closeAll)

const exec = promisify(execFile)

/** The output of a script that is run by Node. */
const printed = async (script: string): Promise<string> =>
  (await exec(process.execPath, ['--input-type=module', '-e', script], { timeout: 25_000 })).stdout

function made(one: Result): Reproduction {
  const reproduction = reproduce(one)
  if (typeof reproduction === 'string') throw new Error(reproduction)
  expect(reproduction.script.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
  return reproduction
}

/** The result after a round trip through a saved report. */
const saved = (one: Result): Result =>
  resultOf(JSON.parse(JSON.stringify(reportCase(one))), { requirements: {} })

function finding(results: readonly Result[]): Result {
  const found = results.find(({ verdict }) => verdict === 'fail' || verdict === 'warn')
  if (found === undefined) throw new Error(`no finding: ${results.map(({ reason }) => reason).join()}`)
  return found
}

/** The reproduction of the finding of a case on the reference server with a fault, and the output of that reproduction. */
async function behind(
  fault: string,
  id: string,
  show: (made: Reproduction) => Promise<string>,
): Promise<string> {
  const target = await loadTarget(referenceDescription)
  const reference = createReferenceServer()
  const chosen = faults.find((one) => one.id === fault)
  if (chosen === undefined) throw new Error(`no fault ${fault}`)
  const proxy = await startVariantProxy(await reference.listen(), target.description, chosen)
  const broken = target.through(proxy.url)
  try {
    return await show(made(saved(finding(await playedOn(broken, [id])))))
  } finally {
    await broken.close()
    await target.close()
    await proxy.close()
    await reference.close()
  }
}

function server(name: string): BrokenServer {
  const found = brokenServers.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no broken server ${name}`)
  return found
}

const onBroken = (name: string, id: string): Promise<string> =>
  playedOnBroken(server(name), [id], (results) => printed(made(saved(finding(results))).script))

const shell = async ({ curl }: Reproduction): Promise<string> => {
  if (curl === undefined) throw new Error('no line of curl')
  return (await exec('sh', ['-c', curl], { timeout: 25_000 })).stdout
}

const withCurl = spawnSync('curl', ['--version']).status === 0 ? test.concurrent : test.concurrent.skip

describe('a reproduction shows the same deviation', () => {
  withCurl('as a line of curl', async () => {
    const shown = await behind('has-no-date', 'http/every-answer/date-is-sent', shell)
    expect(shown).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(shown).not.toMatch(/^date:/im)
  })

  test.concurrent('of a request that curl would not send', async () => {
    const shown = await behind(
      'serves-without-host',
      'http/host-and-target/host-is-required',
      ({ curl, script }) => {
        expect(curl).toBeUndefined()
        return printed(script)
      },
    )
    expect(shown).toMatch(/<- \d+ bytes: HTTP\/1\.1 200 OK/)
  })

  test.concurrent('of an opening handshake', async () => {
    const shown = await onBroken('takes-any-key', 'websocket/refusals/key-of-sixteen-bytes')
    expect(shown).toContain('HTTP/1.1 101 Switching Protocols')
  })

  test.concurrent('of frames', async () => {
    const shown = await onBroken('skips-the-check-for-utf-8', 'websocket/utf-8/invalid-text-fails')
    expect(shown).toMatch(/HTTP\/1\.1 101 [^]*<- \d+ bytes: \\x81/)
  })

  test.concurrent('of an event stream, with what is published meanwhile', async () => {
    const shown = await onBroken('writes-data-as-it-is', 'server-sent-events/stream/multi-line-data')
    expect(shown).toMatch(/publisher <- [^]*data: [^\n]*\\n\n +(?!data:)\S/)
  })

  test.concurrent('of long-polling, with what is published meanwhile', async () => {
    const shown = await behind('releases-with-202', 'long-polling/release/status-is-200', ({ script }) =>
      printed(script),
    )
    expect(shown).toMatch(/HTTP\/1\.1 202 [^]*publisher <- |publisher <- [^]*HTTP\/1\.1 202 /)
  })
})

/** A result for these bytes sent to a server, in order, each on its own connection. */
function sent(url: string, writes: readonly (string | Uint8Array)[], more: Partial<Result> = {}): Result {
  const transcript = new Transcript()
  for (const bytes of writes) {
    const connection = transcript.connection()
    transcript.add('client', 'note', 'connected', undefined, { connection, act: 'open', url })
    transcript.add('client', 'sent', 'bytes', Buffer.from(bytes), { connection })
  }
  return result('fail', { transcript: transcript.entries, ...more })
}

/** The bytes that a server receives on each connection during `work`. */
async function taken(work: (url: string) => Promise<unknown>): Promise<Buffer[]> {
  const got: Buffer[][] = []
  const listener = net.createServer((socket) => {
    const chunks: Buffer[] = []
    got.push(chunks)
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => socket.destroy())
    socket.on(
      'data',
      () => Buffer.concat(chunks).includes('the end') && socket.end('HTTP/1.1 204 Nothing\r\n\r\n'),
    )
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('a port was wanted')
  try {
    await work(`http://127.0.0.1:${address.port}`)
  } finally {
    // All connections have ended, so all bytes have arrived.
    await new Promise((resolve) => listener.close(resolve))
  }
  return got.map((chunks) => Buffer.concat(chunks))
}

const hostile = `'"\`\${process.exit(7)}*/\\\r\n'); process.exit(7) // \u2028 ;$(exit 7)\n`

describe('hostile text', () => {
  test.concurrent('stays what it is in a script', async () => {
    const bytes = [Buffer.from(`${hostile}the end`), Buffer.from(`\xff\x00${hostile}the end`, 'latin1')]
    const got = await taken(async (url) => {
      const one = sent(url, bytes, {
        title: hostile,
        expected: hostile,
        observed: hostile,
        instance: hostile,
      })
      const transcript = one.transcript.map((each) => ({ ...each, actor: hostile }))
      await printed(made({ ...one, transcript }).script)
    })
    expect(got).toEqual(bytes)
  })

  withCurl('stays what it is in a line of curl', async () => {
    const lines = [
      `POST /a'b$(exit)\`exit\`;\\!{x,y}[1-3]/../?q=@&r=%0a HTTP/1.1`,
      `Host: HOST`,
      `x: '$(exit 7)" \`exit 7\` \\`,
      'Content-Length: 18',
      '',
      `@a'b"$PATH the end`,
    ]
    let host = ''
    const got = await taken(async (url) => {
      host = new URL(url).host
      await shell(made(sent(url, [lines.join('\r\n').replace('HOST', host)])))
    })
    const wanted = lines.map((line) => line.replace('HOST', host)).toSorted()
    expect(got.map((bytes) => bytes.toString().split('\r\n').toSorted())).toEqual([wanted])
  })
})

describe('a script', () => {
  test('sends long data, in pieces of the same size', async () => {
    const noise = Buffer.from(Array.from({ length: 9000 }, (_, index) => (index * index * 7) % 251))
    const writes = [Buffer.concat([Buffer.from('a: '), Buffer.alloc(5_000_000, 'xyz'), noise]), 'the end']
    const got = await taken(async (url) => {
      const one = sent(url, writes)
      const transcript = one.transcript.map((each) => (each.length === 7 ? { ...each, chop: 2 } : each))
      const { script } = made(saved({ ...one, transcript }))
      expect(script.length).toBeLessThan(20_000)
      await printed(script)
    })
    expect(got.map((bytes) => bytes.length)).toEqual(writes.map((bytes) => bytes.length))
    expect(got[0]?.equals(Buffer.from(writes[0] ?? ''))).toBe(true)
  })

  test('uses TLS if the server does', async () => {
    const { port } = await tlsServer()
    const request = 'GET /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    const { curl, script } = made(sent(`https://localhost:${port}`, [request]))
    expect(curl).toBeUndefined()
    expect(script).toMatch(/^\/\/ the certificate of the server is not checked$/m)
    expect(await printed(script)).toContain('HTTP/1.1 200 OK')
  })

  test('says what it does not repeat, and where to insert a secret', () => {
    const transcript = new Transcript()
    transcript.add('setup', 'note', 'GET /session', undefined, { act: 'aside' })
    const url = 'http://127.0.0.1:1'
    const one = sent(url, ['GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nAuthorization: correct horse\r\n\r\n'])
    const redacted = redactResult(one, new Redactor(['correct horse']))
    const { curl, script, remarks } = made(redacted)
    expect(curl).toContain("-H 'Authorization: [secret]'")
    expect(remarks.join()).toMatch(/replace \[secret\] by the secret/)
    expect(script).toContain(`// ${remarks[0]}`)
    const aside = made({ ...one, transcript: [...transcript.entries, ...one.transcript] })
    expect(aside.curl).toBeUndefined()
    expect(aside.script).toMatch(/\/\/ incomplete: .*setup GET \/session/)
  })

  test('contains no secret that was in long data', () => {
    const long = `GET / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(9000)}correct horse\r\n\r\n`
    expect(reproduce(sent('http://a', [long]))).toMatchObject({ curl: undefined })
    const redacted = redactResult(sent('http://a', [long]), new Redactor(['correct horse']))
    expect(JSON.stringify(reportCase(redacted))).not.toContain(
      Buffer.from('correct horse').toString('base64'),
    )
    expect(reproduce(redacted)).toMatch(/the report has only the first/)
  })
})

describe('no reproduction is possible', () => {
  test.each([
    ['of a case that sent nothing', [], /nothing was sent/],
    [
      'of a report without connections',
      [entry('GET request', 'GET / HTTP/1.1\r\n\r\n', { direction: 'sent' })],
      /did not record connections/,
    ],
    ['of a client whose bytes are unknown', [entry('a message', '', { act: 'aside' })], /does not see/],
    [
      'of a report that names no address',
      sent("http://a'+process.exit(7)+'", ['GET / HTTP/1.1\r\n\r\n']).transcript,
      /does not contain the address of connection 1/,
    ],
    [
      'of a report that tells of one connection twice',
      [...sent('http://a', ['a']).transcript, ...sent('http://a', ['b']).transcript],
      /does not contain the address of connection 1/,
    ],
    ['of what is too long', [entry(leftOutNote)], /too long/],
  ] as const)('%s, and it says so', (_, transcript, why) => {
    expect(reproduce(result('fail', { transcript }))).toMatch(why)
  })
})

test('the pieces of any data are the same bytes', () => {
  const part = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 60 }))
    .map(([bytes, times]) => Buffer.alloc(bytes.length * times + (times % 3), bytes))
  const property = fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
    const whole = Buffer.concat(parts)
    const pieces = runLengthEncode(whole, whole.length) ?? []
    return Buffer.concat(pieces.map(({ bytes, length }) => Buffer.alloc(length, bytes))).equals(whole)
  })
  fc.assert(property)
})
