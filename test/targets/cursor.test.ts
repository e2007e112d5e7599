import { describe, expect, test } from '@jest/globals'
import {
  carriesUpdates,
  firstOf,
  type FullResponse,
  cursorParts,
  isEmpty,
  putInto,
  readCursor,
  readFrom,
  sendCursor,
  updatesOf,
} from '../../runner/targets/cursor.ts'
import type { UpdateShape } from '../../runner/targets/description/schema.ts'
import type { Empty } from '../../runner/targets/description/polling-schema.ts'
import { HookFailed } from '../../runner/targets/errors/hook-failed.ts'
import { NotAsDescribed } from '../../runner/targets/errors/not-as-described.ts'
import type { Address } from '../../runner/targets/address.ts'
import { HeaderList } from '../../runner/wire/headers.ts'

const answer = (body: string, status = 200, headers: [string, string][] = []) => ({
  status,
  headers: new HeaderList(headers),
  body,
})
const address = (path: string, more: Partial<Address> = {}): Address => ({
  url: new URL(path, 'http://127.0.0.1'),
  method: 'GET',
  headers: [],
  body: undefined,
  ...more,
})

describe('readFrom', () => {
  const given = answer('{"next":7,"list":[{"id":"a"},{"id":"b"}],"none":null}', 200, [
    ['ETag', '"x"'],
    ['Set-Cookie', 'sid=old; Path=/'],
    ['Set-Cookie', 'sid=a=b; HttpOnly'],
  ])

  test('a header field is found whatever the case of its name', () => {
    expect(readFrom({ header: 'etag' }, given)).toBe('"x"')
  })

  test('of several cookies of one name the last counts, up to its attributes', () => {
    expect(readFrom({ cookie: 'sid' }, given)).toBe('a=b')
  })

  test('a JSON value is text, and the last of several', () => {
    expect(readFrom({ json: '/next' }, given)).toBe('7')
    expect(readFrom({ json: '/list/*/id' }, given)).toBe('b')
  })

  test('an expression gives its group, or all it matches', () => {
    expect(readFrom({ match: 'next":(\\d+)' }, given)).toBe('7')
    expect(readFrom({ match: 'next' }, given)).toBe('next')
    expect(readFrom({ match: '^b$' }, answer('a\nb\n'))).toBe('b')
  })

  test.each([{ header: 'x' }, { cookie: 'x' }, { json: '/x' }, { json: '/none' }, { match: 'zzz' }])(
    'what is not there is undefined: %j',
    (from) => expect(readFrom(from, given)).toBeUndefined(),
  )

  test('a body that is not JSON has no JSON members', () => {
    expect(readFrom({ json: '/next' }, answer('<html>'))).toBeUndefined()
  })
})

describe('a cursor', () => {
  const validators = cursorParts({
    cursor: [
      { from: { header: 'etag' }, send: { header: 'If-None-Match' } },
      { from: { header: 'last-modified' }, send: { header: 'If-Modified-Since' } },
    ],
  })

  test('of two parts is read and sent part by part', () => {
    const read = readCursor(validators, answer('', 200, [['Etag', '"1"']]))
    expect(read).toEqual(['"1"', undefined])
    expect(sendCursor(address('/'), validators, read).headers).toEqual([['If-None-Match', '"1"']])
  })

  test('without a value sends what the first request is to send', () => {
    const parts = cursorParts({ cursor: { from: { json: '/next' }, send: { query: 'since' }, first: '-1' } })
    expect(sendCursor(address('/p'), parts, firstOf(parts, {})).url.search).toBe('?since=-1')
    expect(sendCursor(address('/p'), parts, ['5']).url.search).toBe('?since=5')
  })

  test('may begin where the setup has found the client to be', () => {
    const parts = cursorParts({
      cursor: { from: { header: 'index' }, send: { query: 'index' }, first: '${index}' },
    })
    expect(firstOf(parts, { index: '7' })).toEqual(['7'])
    expect(() => firstOf(parts, {})).toThrow('${index} has no value here')
  })

  test('is nothing where the endpoint has none', () => {
    expect(cursorParts({})).toEqual([])
    expect(sendCursor(address('/p'), [], ['1'])).toEqual(address('/p'))
  })
})

describe('putInto', () => {
  test('a query parameter is added, or replaced where it stood; the others keep their spelling', () => {
    expect(putInto(address('/p?a=%20x+y&b'), { query: 'c d' }, '1&2').url.search).toBe(
      '?a=%20x+y&b&c%20d=1%262',
    )
    expect(putInto(address('/p?a=1&since=2&b=3&since=4'), { query: 'since' }, '9').url.search).toBe(
      '?a=1&since=9&b=3',
    )
  })

  test('the address that was given is left as it was', () => {
    const given = address('/p?a=1')
    putInto(given, { query: 'a' }, '2')
    expect(given.url.search).toBe('?a=1')
  })

  test('a header field replaces one of the same name', () => {
    const given = address('/', {
      headers: [
        ['X-Since', '1'],
        ['Other', 'o'],
      ],
    })
    expect(putInto(given, { header: 'x-since' }, '2').headers).toEqual([
      ['Other', 'o'],
      ['x-since', '2'],
    ])
  })

  test('a value with a line end never gets into a header field', () => {
    expect(() => putInto(address('/'), { header: 'x' }, 'a\r\nb: c')).toThrow(HookFailed)
  })

  test('a form value goes into the body, which gets its type', () => {
    const sent = putInto(address('/', { method: 'POST', body: 'a=1' }), { form: 'since' }, 'x y')
    expect(sent.body).toBe('a=1&since=x%20y')
    expect(sent.headers).toEqual([['content-type', 'application/x-www-form-urlencoded']])
  })

  test('a JSON member keeps the type that the body gives it', () => {
    expect(putInto(address('/', { body: '{"since":0}' }), { json: '/since' }, '7').body).toBe('{"since":7}')
    expect(putInto(address('/', { body: '{"since":""}' }), { json: '/since' }, '7').body).toBe(
      '{"since":"7"}',
    )
    expect(putInto(address('/', { body: '{"since":0}' }), { json: '/since' }, '007').body).toBe(
      '{"since":"007"}',
    )
    expect(putInto(address('/'), { json: '/a/b' }, 'x').body).toBe('{"a":{"b":"x"}}')
  })

  test('a body that is not JSON can hold no JSON member', () => {
    expect(() => putInto(address('/', { body: 'nope' }), { json: '/a' }, 'x')).toThrow(/not JSON: "nope"/)
  })
})

describe('updatesOf', () => {
  test('takes percent-encoding off what stands behind the prefix', () => {
    const shape = { prefix: 'a', percent: true, json: '/*' }
    expect(updatesOf(shape, 'a["100 %25", "%2541"]')).toEqual(['100 %', '%41'])
    expect([carriesUpdates(shape, 'o'), carriesUpdates(shape, 'a[]')]).toEqual([false, true])
  })

  test('without a shape the whole is one update', () => {
    expect(updatesOf(undefined, 'x\ny')).toEqual(['x\ny'])
  })

  test('strings are as they are, other values compact JSON', () => {
    expect(updatesOf({ json: '/u/*' }, '{"u": ["a", {"b": [1, null]}, 2, null, true]}')).toEqual([
      'a',
      '{"b":[1,null]}',
      '2',
      'null',
      'true',
    ])
  })

  test('packets are split, chosen by their prefix, and read', () => {
    expect(updatesOf({ split: '\x1e', prefix: '4' }, '4a\x1e2\x1e4b\x1e')).toEqual(['a', 'b'])
    expect(updatesOf({ split: '\n', prefix: '42', json: '/1' }, '0{"sid":1}\n42["message","x"]\n')).toEqual([
      'x',
    ])
  })

  test('JSON without the members holds no updates', () => {
    expect(updatesOf({ json: '/u/*' }, '{"other":1}')).toEqual([])
  })

  test('what is not JSON is not as described, and the message shows both', () => {
    expect(() => updatesOf({ json: '/u/*' }, '<html>')).toThrow(NotAsDescribed)
    expect(() => updatesOf({ percent: true }, '100 %')).toThrow('wanted percent-encoded text')
    expect(() => updatesOf({ json: '/u/*' }, '<html>')).toThrow(
      'wanted JSON with updates at "/u/*", got "<html>"',
    )
  })
})

describe('isEmpty', () => {
  const shape = { json: '/updates/*' }

  test.each<[string, Empty | undefined, FullResponse, UpdateShape | undefined, boolean]>([
    ['a declared status', { status: 204 }, answer('', 204), undefined, true],
    ['another status than declared', { status: 204 }, answer('', 304), undefined, false],
    ['one of several declared', { status: [200, 304] }, answer('', 304), undefined, true],
    ['a declared time-out status with a page', { status: 408 }, answer('<html>', 408), shape, true],
    ['a declared 200 with updates', { status: [200, 304] }, answer('{"updates":[1]}'), shape, false],
    ['a declared 200 without updates', { status: [200, 304] }, answer('{"updates":[]}'), shape, true],
    ['a declared body', { body: '[]' }, answer('[]'), undefined, true],
    ['another body than declared', { body: '[]' }, answer('[1]'), undefined, false],
    ['the declared body with an error', { body: '[]' }, answer('[]', 500), undefined, false],
    ['204, nothing declared', undefined, answer('', 204), undefined, true],
    ['304, nothing declared', undefined, answer('', 304), undefined, true],
    ['200 without content, nothing declared', undefined, answer(''), shape, true],
    ['200 with content, nothing declared', undefined, answer('x'), undefined, false],
    ['an error, nothing declared', undefined, answer('', 503), undefined, false],
  ])('%s', (_what, empty, given, updates, expected) => {
    expect(isEmpty(empty, given, updates)).toBe(expected)
  })
})
