import { describe, expect, test } from '@jest/globals'
import { assert, constantFrom, jsonValue, property, string } from 'fast-check'
import {
  type Lookup,
  UnknownName,
  escapePlaceholders,
  hasUnclosedPlaceholder,
  placeholderNames,
  substitute,
} from '../../runner/documents/substitute.ts'

const scope: Lookup = (name) =>
  new Map<string, unknown>([
    ['n', 5],
    ['list', [1, { a: 2 }]],
    ['text', 'x'],
    ['none', null],
  ]).get(name)

describe('substitution', () => {
  test.each([
    ['${n}', 5],
    ['${list}', [1, { a: 2 }]],
    ['${none}', null],
    ['a ${n} b ${text}', 'a 5 b x'],
    ['${n}${n}', '55'],
    ['${list}!', '[1,{"a":2}]!'],
    ['$${n}', '${n}'],
    ['$$${n}', '$${n}'],
    ['$n {n} $', '$n {n} $'],
    [7, 7],
    [null, null],
  ])('%j', (value, result) => {
    expect(substitute(value, scope)).toEqual(result)
  })

  test('goes deep, into keys too, and leaves what it was given alone', () => {
    const value = { a: ['${n}', { '${text}': '${text}y' }] }
    expect(substitute(value, scope)).toEqual({ a: [5, { x: 'xy' }] })
    expect(value).toEqual({ a: ['${n}', { '${text}': '${text}y' }] })
  })

  test('throws for a name that nothing defines', () => {
    expect(() => substitute({ a: 'x ${other}' }, scope)).toThrow(UnknownName)
    expect(() => substitute('${other}', scope)).toThrow('${other}')
  })

  test('in part leaves unknown names and escapes for later', () => {
    expect(substitute(['${n} ${later}', '${later}', '$${n}'], scope, { partial: true })).toEqual([
      '5 ${later}',
      '${later}',
      '$${n}',
    ])
  })

  test('shows values as it is told', () => {
    expect(substitute('${n}/${text}', scope, { show: (value, name) => `<${name}:${String(value)}>` })).toBe(
      '<n:5>/<text:x>',
    )
  })

  test('does not look into what it put in', () => {
    expect(substitute('a ${x}', () => '${n}')).toBe('a ${n}')
  })

  test('keeps a key that objects treat in their own way', () => {
    const value: unknown = JSON.parse('{"__proto__": "${n}"}')
    expect(JSON.stringify(substitute(value, scope))).toBe('{"__proto__":5}')
  })
})

test('names are listed once, in order, without escaped ones', () => {
  expect(placeholderNames({ a: '${b} ${a}', c: ['${b}', '$${d}'], '${k}': 1 })).toEqual(['b', 'a', 'k'])
})

test.each([
  ['${a', true],
  ['${a} ${', true],
  ['$${a', false],
  ['${a}', false],
  ['$a {', false],
])('%j is unclosed: %j', (text, unclosed) => {
  expect(hasUnclosedPlaceholder(text)).toBe(unclosed)
})

const awkward = string({ unit: constantFrom('$', '{', '}', 'a', '.', ' ') })

test('property: escaped text comes back as it was, and uses no names', () => {
  assert(
    property(awkward, (text) => {
      expect(placeholderNames(escapePlaceholders(text))).toEqual([])
      expect(substitute(escapePlaceholders(text), () => undefined)).toBe(text)
    }),
  )
})

test('property: a value without names is unchanged, with its types', () => {
  const plain = jsonValue().filter((value) => !JSON.stringify(value).includes('${'))
  assert(
    property(plain, (value) => {
      expect(substitute(value, () => undefined)).toEqual(value)
    }),
  )
})

test('property: a whole name becomes any value with its type, in two stages as in one', () => {
  assert(
    property(jsonValue(), awkward, (value, text) => {
      const known: Lookup = (name) => (name === 'v' ? value : undefined)
      expect(substitute(['${v}'], known)).toEqual([value])
      const template = `${escapePlaceholders(text)}\${v}`
      expect(
        substitute(
          substitute(template, () => undefined, { partial: true }),
          known,
        ),
      ).toEqual(substitute(template, known))
    }),
  )
})
