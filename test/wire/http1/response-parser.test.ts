import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { HeaderList } from '../../../runner/wire/headers.ts'
import { HttpResponseParser, type ResponseObservation } from '../../../runner/wire/http1/response-parser.ts'
import { defaultLimits, type Limits } from '../../../runner/wire/limits.ts'
import type { ParserOptions } from '../../../runner/wire/parser.ts'
import { bytesOf, read, type Reading, textOf, readInEverySplit } from '../reading.ts'

type ResponseReading = Reading<ResponseObservation>
type Request = string | [method: string, version: string]

const parserFor =
  (requests: readonly Request[]) =>
  (options: ParserOptions): HttpResponseParser => {
    const parser = new HttpResponseParser(options)
    for (const request of requests) {
      if (typeof request === 'string') parser.expect(request)
      else parser.expect(...request)
    }
    return parser
  }

/** Parses `text`, and checks that every split of its bytes gives the same result. */
function respond(
  text: string,
  requests: readonly Request[] = ['GET'],
  limits: Partial<Limits> = {},
): ResponseReading {
  return readInEverySplit(parserFor(requests), bytesOf(text), limits)
}

/** The observations in short form. */
function summary(reading: ResponseReading): string[] {
  return reading.observations.map((seen) => {
    if ('bytes' in seen) return `${seen.kind} ${textOf(seen.bytes)}`
    if ('status' in seen) return `${seen.kind} ${seen.status}`
    return 'framing' in seen ? `${seen.kind} ${seen.framing}` : `${seen.kind} ${seen.what}`
  })
}

const storyOf = (text: string, requests?: readonly Request[], limits?: Partial<Limits>): string[] =>
  summary(respond(text, requests, limits))
const ok = (fields: string, body = ''): string => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`
const rulesOf = (fields: string, body = ''): readonly string[] => respond(ok(fields, body)).rules

const after = (text: string, requests: readonly Request[]): ResponseReading => respond(`${text}x`, requests)

describe('framing', () => {
  test('a head keeps the spelling of its fields and its bytes', () => {
    const raw = 'HTTP/1.1 200 Very \xfcll\r\nX-A:  1 \r\nx-a:\r\nContent-Length: 0\r\n\r\n'
    expect(respond(raw)).toEqual({
      observations: [
        {
          kind: 'head',
          version: 'HTTP/1.1',
          status: 200,
          reason: 'Very \xfcll',
          headers: new HeaderList([
            ['X-A', '1'],
            ['x-a', ''],
            ['Content-Length', '0'],
          ]),
          raw: bytesOf(raw),
        },
        { kind: 'complete', framing: 'length', trailers: new HeaderList() },
      ],
      findings: [],
      rules: [],
    })
  })

  test.each<[string, string, Request, string[]]>([
    [
      'Content-Length',
      ok('Content-Length: 2\r\n', 'ab'),
      'GET',
      ['head 200', 'content ab', 'complete length'],
    ],
    [
      'chunks',
      ok('Transfer-Encoding: chunked\r\n', '1\r\na\r\n0A;x="\\""\r\n0123456789\r\n0\r\n\r\n'),
      'GET',
      ['head 200', 'content a0123456789', 'complete chunked'],
    ],
    ['the end of the connection', ok('', 'ab'), 'GET', ['head 200', 'content ab', 'complete close']],
    ['the end at once', ok(''), 'GET', ['head 200', 'complete close']],
    [
      'another coding last',
      ok('Transfer-Encoding: chunked, gzip\r\n', 'ab'),
      'GET',
      ['head 200', 'content ab', 'complete close'],
    ],
    ['HEAD', ok('Content-Length: 2\r\n'), 'HEAD', ['head 200', 'complete none']],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 'GET', ['head 204', 'complete none']],
    ['304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n', 'GET', ['head 304', 'complete none']],
    [
      'the same length twice',
      ok('Content-Length: 2, 2\r\n', 'ab'),
      'GET',
      ['head 200', 'content ab', 'complete length'],
    ],
    [
      'interim responses',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n${ok('Content-Length: 0\r\n')}`,
      'POST',
      ['head 100', 'head 103', 'head 200', 'complete length'],
    ],
    [
      '101',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\x81\x00',
      'GET',
      ['head 101', 'switched \x81\x00'],
    ],
    ['CONNECT', ok('', 'tunnel'), 'CONNECT', ['head 200', 'switched tunnel']],
    [
      'a refused CONNECT',
      'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n',
      'CONNECT',
      ['head 403', 'complete length'],
    ],
  ])('%s ends the body', (_, text, request, expected) => {
    const reading = respond(text, [request])
    expect(summary(reading)).toEqual(expected)
    expect(reading.rules).toEqual([])
  })

  test('responses on one connection are separated', () => {
    const text = `${ok('Content-Length: 1\r\n', 'a')}HTTP/1.1 204 No Content\r\n\r\n${ok('Transfer-Encoding: chunked\r\n', '0\r\n\r\n')}`
    expect(storyOf(text, ['GET', 'GET', 'GET'])).toEqual([
      'head 200',
      'content a',
      'complete length',
      'head 204',
      'complete none',
      'head 200',
      'complete chunked',
    ])
  })

  test('trailer fields are part of the completion', () => {
    const { observations } = respond(ok('Transfer-Encoding: chunked\r\n', '0\r\nX-Sum: 1\r\n\r\n'))
    expect(observations.at(-1)).toEqual({
      kind: 'complete',
      framing: 'chunked',
      trailers: new HeaderList([['X-Sum', '1']]),
    })
  })

  test('any content is decoded from any chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 }), (chunks) => {
        const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${textOf(chunk)}\r\n`).join('')
        const [, ...rest] = storyOf(ok('Transfer-Encoding: chunked\r\n', `${body}0\r\n\r\n`))
        const content = chunks.map((chunk) => textOf(chunk)).join('')
        expect(rest).toEqual([...(content === '' ? [] : [`content ${content}`]), 'complete chunked'])
      }),
      { numRuns: 30 },
    )
  })
})

describe('malformed responses', () => {
  test.each<[string, string, RegExp]>([
    ['no status line', 'SSH-2.0-x\r\n', /^malformed "S" instead of a status line$/],
    [
      'a status line of another form',
      'HTTP/1.1 20 OK\r\n',
      /^malformed "HTTP\/1.1 20 OK" instead of a status line$/,
    ],
    ['a lone LF', 'HTTP/1.1 200 OK\n', /^malformed a line ends with LF instead of CR LF/],
    [
      'a field without colon',
      ok('nonsense\r\n'),
      /^malformed a field line does not start with a field name and a colon: "nonsense"$/,
    ],
    [
      'a blank before the colon',
      ok('A : b\r\n'),
      /^malformed a field line does not start with a field name and a colon/,
    ],
    ['NUL in a value', ok('A: \0\r\n'), /^malformed a field value contains NUL/],
    [
      'an end in the head',
      'HTTP/1.1 200 OK\r\nA',
      /^malformed the connection ended after 18 bytes of a header section$/,
    ],
    ['an end in the first bytes', 'HT', /^malformed the connection ended after 2 bytes of a header section$/],
    [
      'an end in the body',
      ok('Content-Length: 5\r\n', 'abc'),
      /^malformed the connection ended after 3 of 5 bytes of content$/,
    ],
    [
      'an end in a chunk',
      ok('Transfer-Encoding: chunked\r\n', '5\r\nabc'),
      /^malformed the connection ended after 3 of 5 bytes of chunks$/,
    ],
    [
      'an end between chunks',
      ok('Transfer-Encoding: chunked\r\n', '1\r\na\r\n'),
      /^malformed the connection ended after 1 bytes of content, before the last chunk$/,
    ],
    [
      'an end in the trailers',
      ok('Transfer-Encoding: chunked\r\n', '0\r\nA: b\r\n'),
      /^malformed the connection ended after 0 bytes of content, in the trailer section$/,
    ],
    ['a bad length', ok('Content-Length: -1\r\n'), /^malformed Content-Length is not a single number: "-1"$/],
    [
      'two lengths',
      ok('Content-Length: 1, 2\r\n'),
      /^malformed Content-Length is not a single number: "1, 2"$/,
    ],
  ])('%s is malformed', (_, text, what) => {
    expect(storyOf(text).at(-1)).toMatch(what)
  })

  test('nothing is parsed after a malformed, and a connection without bytes has no observations', () => {
    const parser = parserFor(['GET'])({ limits: defaultLimits, onFinding: () => undefined })
    expect(parser.push(bytesOf('nonsense'))).toHaveLength(1)
    expect([...parser.push(bytesOf(ok(''))), ...parser.end()]).toEqual([])
    expect(storyOf('', ['GET'])).toEqual([])
  })

  test.each<[string, string, Partial<Limits>, string]>([
    ['a head', ok('A: b\r\n'), { headBytes: 20 }, 'more than 20 bytes of a header section'],
    [
      'a head without line end',
      `HTTP/${'1'.repeat(30)}`,
      { headBytes: 20 },
      'more than 20 bytes of a header section',
    ],
    [
      'a declared length',
      ok('Content-Length: 99\r\n'),
      { bodyBytes: 9 },
      'more than 9 bytes of content: Content-Length is 99',
    ],
    [
      'a huge length',
      ok(`Content-Length: ${'9'.repeat(400)}\r\n`),
      {},
      'more than 33554432 bytes of content: Content-Length is Infinity',
    ],
    [
      'chunks',
      ok('Transfer-Encoding: chunked\r\n', '5\r\n12345\r\n5\r\n'),
      { bodyBytes: 9 },
      'more than 9 bytes of content: a chunk of 0x5',
    ],
    [
      'a huge chunk',
      ok('Transfer-Encoding: chunked\r\n', 'fffffffffffffffff\r\n'),
      {},
      'more than 33554432 bytes of content: a chunk of 0xfffffffffffffffff',
    ],
    ['an open body', ok('', '0123456789'), { bodyBytes: 9 }, 'more than 9 bytes of content'],
    [
      'trailers',
      ok('Transfer-Encoding: chunked\r\n', `0\r\nA: ${'b'.repeat(99)}\r\n\r\n`),
      { headBytes: 60 },
      'more than 60 bytes of a header section',
    ],
  ])('%s over the limit is malformed', (_, text, limits, what) => {
    expect(storyOf(text, ['GET'], limits).at(-1)).toBe(`malformed ${what}`)
  })

  test('long whitespace takes linear time', () => {
    const blanks = ' '.repeat(200_000)
    const reading = read(
      parserFor(['GET']),
      [bytesOf(ok(`A: ${blanks}x${blanks}y\r\nVary: ${blanks},\r\n`))],
      { headBytes: 1e6 },
    )
    expect(reading.rules).toEqual(['http-no-empty-list-elements-sent'])
  })
})

describe('bytes without a request', () => {
  test('break the rule on the response before them', () => {
    expect(after(ok('Content-Length: 3\r\n'), ['HEAD']).rules).toEqual(['http-bodyless-ends-at-headers'])
    expect(after('HTTP/1.1 204 No Content\r\n\r\n', ['GET']).rules).toEqual(['http-bodyless-ends-at-headers'])
    expect(after(ok('Content-Length: 1\r\n', 'a'), ['GET']).rules).toEqual(['http-length-correct'])
    expect(after(ok('Transfer-Encoding: chunked\r\n', '0\r\n\r\n'), ['GET']).rules).toEqual([
      'http-length-correct',
    ])
    expect(summary(after(ok('Content-Length: 1\r\n', 'a'), ['GET'])).at(-1)).toBe(
      'malformed "x" instead of nothing',
    )
  })

  test('break the rule also if another response is expected', () => {
    const reading = after('HTTP/1.1 304 Not Modified\r\n\r\n', ['GET', 'GET'])
    expect(reading.rules).toEqual(['http-bodyless-ends-at-headers'])
    expect(summary(reading).at(-1)).toBe('malformed "x" instead of a status line')
  })

  test('are reported also if the connection ends before they differ from a response', () => {
    expect(respond(`${ok('Content-Length: 0\r\n')}HT`).rules).toEqual(['http-length-correct'])
  })

  test('break no rule on lengths if they are a response, such as a 408 on an idle connection', () => {
    const reading = respond(`${ok('Content-Length: 0\r\n')}HTTP/1.1 408 Request Timeout\r\n\r\n`)
    expect(reading.rules).toEqual([])
    expect(summary(reading).at(-1)).toBe('malformed a response without a request')
  })
})

describe('rules for servers', () => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
  test.each<[string, string, string]>([
    ['http-no-bare-cr-sent', 'A: b\rc\r\nContent-Length: 0\r\n', ''],
    ['http-no-ws-before-first-field-sent', ' A: b\r\nContent-Length: 0\r\n', ''],
    ['http-no-obs-fold-sent', 'Content-Length: 0\r\nA: b\r\n\tc\r\n', ''],
    ['http-chunked-once', 'Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'],
    ['http-no-cl-with-te-sent', 'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n', '0\r\n\r\n'],
    ['http-no-duplicate-singletons', 'Content-Length: 0\r\nContent-Type: a/b\r\ncontent-type: a/c\r\n', ''],
    ['http-etag-syntax', 'Content-Length: 0\r\nETag: abc\r\n', ''],
    ['http-etag-syntax', 'Content-Length: 0\r\nETag: w/"abc"\r\n', ''],
    ['http-etag-syntax', 'Content-Length: 0\r\nETag: "a"b"\r\n', ''],
    ['http-date-imf', 'Content-Length: 0\r\nDate: Sunday, 06-Nov-94 08:49:37 GMT\r\n', ''],
    ['http-date-imf', 'Content-Length: 0\r\nLast-Modified: Sun, 6 Nov 1994 08:49:37 GMT\r\n', ''],
    ['http-date-imf', 'Content-Length: 0\r\nDate: 0\r\n', ''],
    ['http-no-empty-list-elements-sent', 'Content-Length: 0\r\nVary: a,,b\r\n', ''],
    ['http-no-empty-list-elements-sent', 'Content-Length: 0\r\nCache-Control: no-store,\r\n', ''],
    ['http-chunk-grammar-sent', 'Transfer-Encoding: chunked\r\n', '1 \r\na\r\n0\r\n\r\n'],
    ['http-chunk-grammar-sent', 'Transfer-Encoding: chunked\r\n', '1;=\r\na\r\n0\r\n\r\n'],
    ['http-chunk-grammar-sent', 'Transfer-Encoding: chunked\r\n', 'x\r\n'],
    ['http-chunk-grammar-sent', 'Transfer-Encoding: chunked\r\n', '1\n'],
    ['http-chunk-grammar-sent', 'Transfer-Encoding: chunked\r\n', '1\r\nab\r\n'],
    ['http-length-correct', 'Content-Length: 5x\r\n', ''],
  ])('%s is broken by %j %j', (rule, fields, body) => {
    expect(rulesOf(fields, body)).toEqual([rule])
  })

  test('a folded field is parsed as one line', () => {
    const { observations } = respond(ok('A: b\r\n  c\r\nContent-Length: 0\r\n'))
    expect(observations[0]).toHaveProperty('headers.fields', [
      ['A', 'b c'],
      ['Content-Length', '0'],
    ])
  })

  test('a status line without its second space is reported and parsed', () => {
    const reading = respond('HTTP/1.1 204\r\n\r\n')
    expect(reading.rules).toEqual(['http-status-line-trailing-space'])
    expect(summary(reading)).toEqual(['head 204', 'complete none'])
    expect(respond('HTTP/1.1 204 \r\n\r\n').rules).toEqual([])
  })

  test('a 204 and an interim response must have neither length nor transfer coding', () => {
    const both = 'Content-Length: 0\r\n'
    expect(respond(`HTTP/1.1 204 No Content\r\n${both}\r\n`).rules).toEqual(['http-no-length-on-1xx-204'])
    expect(respond(`HTTP/1.1 100 Continue\r\n${both}\r\n`).rules).toEqual(['http-no-length-on-1xx-204'])
    expect(respond('HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n').rules).toEqual([
      'http-te-not-on-1xx-204',
    ])
  })

  test('a response to HTTP/1.0 must have no transfer coding', () => {
    const text = ok('Transfer-Encoding: chunked\r\n', '0\r\n\r\n')
    expect(respond(text, [['GET', 'HTTP/1.0']]).rules).toEqual(['http-te-only-to-11'])
    expect(respond(text, [['GET', 'HTTP/1.1']]).rules).toEqual([])
  })

  test('valid input is not reported', () => {
    const fields = [
      `Date: ${date}`,
      `Last-Modified: ${date}`,
      'Expires: 0',
      'Retry-After: 120',
      'ETag: W/""',
      'Vary: ',
      'Allow: GET, HEAD',
      'Cache-Control: no-cache="a,,b", private',
      'Set-Cookie: a=b',
      'Set-Cookie: c=d',
      'Content-Length: 0',
    ]
    expect(rulesOf(`${fields.join('\r\n')}\r\n`)).toEqual([])
  })
})
