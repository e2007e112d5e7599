import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import https from 'node:https'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadTarget, type LoadOptions } from '../../../runner/targets/load.ts'
import { detectTechnique } from '../../../runner/targets/survey/detect-technique.ts'
import { Unreachable, withoutSecrets } from '../../../runner/targets/errors/unreachable.ts'
import { atEnd, closeAll, failureOf, file, folder, httpServer, listening, never } from '../servers.ts'

afterEach(closeAll)

const coded = (code: string): Error => Object.assign(new Error('raw'), { code })

describe('the message', () => {
  test.each([
    [
      'ECONNREFUSED',
      /: connection refused\. Is the server running\? \(--start "node server.js" starts it\)$/,
    ],
    ['ENOTFOUND', /there is no such host/],
    ['EAI_AGAIN', /could not be looked up/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /self-signed\. \(--ca .*--insecure/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /for another name\. .*servername.*--insecure/],
    ['CERT_HAS_EXPIRED', /has expired/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS.*plain HTTP there\?/],
    ['ESOMETHING', /: raw\.$/],
  ])('of %s says what it means and what to do', (code, message) => {
    const error = new Unreachable('ws://127.0.0.1:9000/echo', coded(code))
    expect(error.message).toMatch(/^cannot reach ws:\/\/127\.0\.0\.1:9000\/echo: /)
    expect(error.message).toMatch(message)
    expect(error.code).toBe(code)
  })

  test('of several attempts and of wrapped errors shows what is inside', () => {
    const both = new AggregateError([coded('EHOSTUNREACH'), coded('ECONNREFUSED')])
    expect(new Unreachable('http://h/', both).message).toMatch(/connection refused/)
    expect(new Unreachable('http://h/', new TypeError('failed', { cause: coded('ENOTFOUND') })).code).toBe(
      'ENOTFOUND',
    )
  })

  test('of a time-out says so', () => {
    expect(new Unreachable('http://h/', new DOMException('x', 'TimeoutError')).message).toMatch(
      /no response in time/,
    )
  })

  test('never shows a password', () => {
    expect(withoutSecrets('http://ann:p@ss@h/x?y=a@b')).toBe('http://h/x?y=a@b')
  })
})

describe('a certificate', () => {
  let key = ''
  let cert = ''

  beforeAll(async () => {
    const path = await folder()
    const certFile = join(path, 'cert.pem')
    const names = ['-subj', '/CN=right.test', '-addext', 'subjectAltName=DNS:right.test']
    const out = ['-keyout', join(path, 'key.pem'), '-out', certFile]
    await promisify(execFile)('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      ...names,
      ...out,
    ])
    key = await readFile(join(path, 'key.pem'), 'utf8')
    cert = await readFile(certFile, 'utf8')
  })

  async function lookThere(options: LoadOptions): Promise<string> {
    const server = https.createServer({ key, cert }, (_request, response) => response.end('hello'))
    const target = await loadTarget(`https://127.0.0.1:${await listening(server)}/`, options)
    atEnd(() => target.close())
    return (await detectTechnique(target, never(), { firstByteMs: 10_000 })).took
  }

  test('that nobody vouches for is refused, and the message says how to trust it', async () => {
    const error = await failureOf(lookThere({}))
    expect(error).toBeInstanceOf(Unreachable)
    expect(error.message).toMatch(/self-signed.*--ca.*--insecure/)
  })

  test('is not checked with --insecure', async () => {
    expect(await lookThere({ insecure: true })).toMatch(/responds with 200/)
  })

  test('that is trusted but for another name is refused, and the message says so', async () => {
    const error = await failureOf(lookThere({ ca: await file(cert, 'ca.pem') }))
    expect(error).toBeInstanceOf(Unreachable)
    expect(error.message).toMatch(/for another name/)
  })

  test('is wanted where a server speaks plain HTTP', async () => {
    const server = await httpServer((_asked, response) => response.end())
    const target = await loadTarget(`https://127.0.0.1:${server.port}/`)
    atEnd(() => target.close())
    const error = await failureOf(detectTechnique(target, never()))
    expect(error).toBeInstanceOf(Unreachable)
    expect(error.message).toMatch(/does not speak TLS/)
  })
})
