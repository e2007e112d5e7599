import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { HeaderList } from '../../../runner/wire/headers.ts'
import { HttpRequestParser } from '../../../runner/wire/http1/request-parser.ts'
import { encodeRequest } from '../../../runner/wire/http1/encode-request.ts'
import { defaultLimits } from '../../../runner/wire/limits.ts'
import type { ParserOptions } from '../../../runner/wire/parser.ts'
import { bytesOf, readInEverySplit, textOf } from '../reading.ts'

const create = (options: ParserOptions): HttpRequestParser => new HttpRequestParser(options)

const kindsOf = (text: string): string[] => {
  return readInEverySplit(create, bytesOf(text)).observations.map(({ kind }) => kind)
}

describe('encodeRequest', () => {
  test('adds nothing to the request', () => {
    const request = {
      method: 'get',
      target: '*',
      version: 'HTTP/9',
      headers: [
        ['Host', 'a'],
        ['Host', ''],
        ['x y', 'ä'],
      ] as const,
    }
    const head = 'get * HTTP/9\r\nHost: a\r\nHost: \r\nx y: '
    expect(textOf(encodeRequest(request))).toBe(`${head}\xc3\xa4\r\n\r\n`)
    expect(textOf(encodeRequest({ ...request, charset: 'latin1' }))).toBe(`${head}\xe4\r\n\r\n`)
    expect(textOf(encodeRequest({ method: 'POST', target: '/', headers: [], body: bytesOf('\0') }))).toBe(
      'POST / HTTP/1.1\r\n\r\n\0',
    )
  })
})

describe('requests', () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9-]{1,10}$/)
  const message = fc.record({
    method: word,
    target: word.map((path) => `/${path}`),
    headers: fc.array(fc.tuple(word, word), { maxLength: 4 }),
    body: fc.uint8Array({ maxLength: 20 }),
  })

  test('an encoded request is parsed back at every split', () => {
    fc.assert(
      fc.property(message, ({ method, target, headers, body }) => {
        const fields = [...headers, ['Content-Length', String(body.length)] as const]
        const bytes = encodeRequest({ method, target, headers: fields, body })
        const whole = readInEverySplit(create, bytes)
        expect(whole.observations).toEqual([
          {
            kind: 'request',
            method,
            target,
            version: 'HTTP/1.1',
            headers: new HeaderList(fields),
            raw: bytes.slice(0, bytes.length - body.length),
          },
          ...(body.length === 0 ? [] : [{ kind: 'content', bytes: body }]),
          { kind: 'complete', framing: 'length', trailers: new HeaderList() },
        ])
      }),
      { numRuns: 20 },
    )
  })

  test('consecutive requests are separated, also with empty lines between them', () => {
    const chunked = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'
    expect(kindsOf(`\r\n\r\nGET / HTTP/1.1\r\n\r\n\r\n${chunked}GET / HTTP/1.1\r\n\r\n`)).toEqual([
      'request',
      'complete',
      'request',
      'content',
      'complete',
      'request',
      'complete',
    ])
  })

  test.each([
    'GET /\r\n',
    'GET  / HTTP/1.1\r\n',
    'GET / HTTP/1.1 x\r\n',
    'GET / HTTP/1.1\r\nA',
    '\rx',
    'GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n',
    'GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n',
    'GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc',
  ])('%j is malformed', (text) => {
    expect(kindsOf(text).at(-1)).toBe('malformed')
  })

  test('after a switch of protocols all bytes are passed on, including unread ones', () => {
    const parser = create({ limits: defaultLimits, onFinding: () => undefined })
    const kinds = parser.push(bytesOf('GET / HTTP/1.1\r\n\r\n\r')).map(({ kind }) => kind)
    expect(kinds).toEqual(['request', 'complete'])
    expect(parser.switchProtocols()).toEqual([{ kind: 'switched', bytes: bytesOf('\r') }])
    expect(parser.push(bytesOf('ab'))).toEqual([{ kind: 'switched', bytes: bytesOf('ab') }])
    expect(parser.end()).toEqual([])
  })
})
