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

  test('includes nested values and keys, and does not change its input', () => {
    const value = { a: ['${n}', { '${text}': '${text}y' }] }
    expect(substitute(value, scope)).toEqual({ a: [5, { x: 'xy' }] })
    expect(value).toEqual({ a: ['${n}', { '${text}': '${text}y' }] })
  })

  test('throws for an unknown name', () => {
    expect(() => substitute({ a: 'x ${other}' }, scope)).toThrow(UnknownName)
    expect(() => substitute('${other}', scope)).toThrow('${other}')
  })

  test('with `partial` leaves unknown names and escapes', () => {
    expect(substitute(['${n} ${later}', '${later}', '$${n}'], scope, { partial: true })).toEqual([
      '5 ${later}',
      '${later}',
      '$${n}',
    ])
  })

  test('formats values with `show`', () => {
    expect(substitute('${n}/${text}', scope, { show: (value, name) => `<${name}:${String(value)}>` })).toBe(
      '<n:5>/<text:x>',
    )
  })

  test('does not substitute in substituted values', () => {
    expect(substitute('a ${x}', () => '${n}')).toBe('a ${n}')
  })

  test('keeps the key __proto__', () => {
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

test('property: substitution restores escaped text, which contains no names', () => {
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

test('property: a single placeholder keeps the type of its value, in one or two stages', () => {
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
