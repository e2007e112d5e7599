import { expect, test } from '@jest/globals'
import { expandVary } from '../../runner/chapters/vary.ts'

/** The name and the parameters of each instance. */
const given = (vary: unknown) => expandVary(vary).variants.map(({ name, params }) => ({ name, params }))

const namesOf = (vary: unknown): string[] => expandVary(vary).variants.map(({ name }) => name)
const many = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

test('without vary there is one variant without a name', () => {
  expect(expandVary(undefined)).toEqual({ variants: [{ name: '', params: {}, also: [] }], problems: [] })
})

test('lists of values give every combination, the last one changing fastest', () => {
  expect(given({ write: ['whole', 'byte by byte'], size: [0, 3] })).toEqual([
    { name: 'write=whole, size=0', params: { write: 'whole', size: 0 } },
    { name: 'write=whole, size=3', params: { write: 'whole', size: 3 } },
    { name: 'write=byte by byte, size=0', params: { write: 'byte by byte', size: 0 } },
    { name: 'write=byte by byte, size=3', params: { write: 'byte by byte', size: 3 } },
  ])
})

test('rows are used unchanged, with a name if they have one', () => {
  expect(
    given([
      { name: 'smallest', size: 0 },
      { size: 3, deep: { a: [1] } },
    ]),
  ).toEqual([
    { name: 'smallest', params: { size: 0 } },
    { name: 'size=3, deep={"a":[1]}', params: { size: 3, deep: { a: [1] } } },
  ])
})

test('`also` of a row names cases of other test suites and is no parameter', () => {
  const { variants } = expandVary([{ size: 0, also: 'autobahn 1.1.1' }, { size: 1 }])
  expect(variants).toEqual([
    { name: 'size=0', params: { size: 0 }, also: ['autobahn 1.1.1'] },
    { name: 'size=1', params: { size: 1 }, also: [] },
  ])
})

test('a class of UTF-8 sequences gives one instance for each, with a numbered `also`', () => {
  const { variants } = expandVary([{ 'utf-8': 'overlong NUL', also: 'autobahn 6.19' }])
  expect(variants.map(({ params }) => params['bytes'])).toEqual([
    'hex:c080',
    'hex:e08080',
    'hex:f0808080',
    'hex:f880808080',
    'hex:fc8080808080',
  ])
  expect(variants.map(({ also }) => also)).toEqual(
    [1, 2, 3, 4, 5].map((number) => [`autobahn 6.19.${number}`]),
  )
})

test('`valid` selects valid or invalid sequences of a class, with unchanged numbers', () => {
  const valid = expandVary([{ 'utf-8': 'boundaries', valid: true, also: 'x' }]).variants
  const invalid = expandVary([{ 'utf-8': 'boundaries', valid: false, also: 'x' }]).variants
  expect(valid.map(({ also }) => also[0])).toEqual(['x.1', 'x.2', 'x.3', 'x.4'])
  expect(invalid.map(({ also, params }) => [also[0], params['bytes']])).toEqual([['x.5', 'hex:f4908080']])
})

test('an unknown class of UTF-8 sequences is a problem with a similar name', () => {
  expect(expandVary([{ 'utf-8': 'overlong NULL' }]).problems).toEqual([
    {
      path: [0, 'utf-8'],
      text: 'unknown class of UTF-8 sequences "overlong NULL" (did you mean "overlong NUL"?)',
    },
  ])
})

test('values that would make a name ambiguous are written as JSON', () => {
  expect(namesOf({ v: ['a,b', 'a\r\n', 'say "x"', null, true] })).toEqual([
    'v="a,b"',
    String.raw`v="a\r\n"`,
    String.raw`v="say \"x\""`,
    'v=null',
    'v=true',
  ])
})

test('a long value is cut', () => {
  expect(namesOf({ v: ['x'.repeat(1000)] })[0]?.length).toBeLessThan(100)
})

test('two instances with the same name are a problem', () => {
  expect(expandVary({ v: ['1', 1] }).problems).toEqual([
    { path: ['v'], text: 'two instances are called "v=1": give the rows a name' },
  ])
  expect(
    expandVary([
      { name: 'a', v: 1 },
      { name: 'a', v: 2 },
    ]).problems,
  ).toEqual([{ path: [1], text: 'two instances are called "a": give the rows a name' }])
})

test('a parameter needs a valid name that is not predefined', () => {
  expect(expandVary({ 'case.nonce': [1] }).problems).toEqual([
    { path: ['case.nonce'], text: expect.stringContaining('"case.nonce" cannot name a parameter') },
  ])
})

test('5000 instances are allowed and 5001 are not, without creating them', () => {
  expect(expandVary({ a: many(50), b: many(100) }).variants).toHaveLength(5000)
  expect(expandVary({ a: many(5001) })).toEqual({
    variants: [],
    problems: [{ path: [], text: '5001 instances are more than the limit of 5000' }],
  })
  expect(expandVary(Object.fromEntries(many(12).map((i) => [`p${i}`, many(1000)]))).problems).toHaveLength(1)
})
