import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { pick, place } from '../../runner/targets/pointer.ts'

/** The document of RFC 6901 section 5. */
const document = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
}

describe('pick', () => {
  test.each([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('the pointer %j finds what RFC 6901 section 5 says', (pointer, value) => {
    expect(pick(document, pointer)).toEqual([value])
  })

  test('~01 is ~1 and not a slash', () => {
    expect(pick({ '~1': 'tilde', '/': 'slash' }, '/~01')).toEqual(['tilde'])
  })

  test.each(['/foo/2', '/foo/00', '/foo/-', '/foo/length', '/nope/deeper', '/foo/0/0', '/constructor'])(
    'the pointer %j finds nothing',
    (pointer) => expect(pick(document, pointer)).toEqual([]),
  )

  test('* stands for every entry of an array, at each level', () => {
    expect(pick({ a: [{ b: [1, 2] }, { b: [] }, {}, { b: [3] }] }, '/a/*/b/*')).toEqual([1, 2, 3])
    expect(pick({ a: { '*': 'a member' } }, '/a/*')).toEqual(['a member'])
  })
})

describe('place', () => {
  test('what is placed is found again, and what was there stays', () => {
    const paths = fc.array(
      fc.string({ minLength: 1 }).filter((name) => name !== '*'),
      { minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(paths, (names) => {
        const pointer = names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
        expect(pick(place({}, pointer, 'value'), pointer)).toEqual(['value'])
      }),
    )
    expect(place({ a: 1, b: { c: 2 } }, '/b/d', 3)).toEqual({ a: 1, b: { c: 2, d: 3 } })
  })

  test('entries of arrays are replaced, and - appends', () => {
    expect(place({ a: [1, 2] }, '/a/1', 3)).toEqual({ a: [1, 3] })
    expect(place({ a: [1, 2] }, '/a/-', 3)).toEqual({ a: [1, 2, 3] })
  })

  test('__proto__ is a member like any other', () => {
    expect(JSON.stringify(place({}, '/__proto__/x', 1))).toBe('{"__proto__":{"x":1}}')
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })
})
