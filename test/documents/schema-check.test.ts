import { describe, expect, test } from '@jest/globals'
import { type TSchema, Type } from '@sinclair/typebox'
import { type CheckOptions, schemaProblems } from '../../runner/documents/schema-check.ts'
import { didYouMean } from '../../runner/documents/did-you-mean.ts'
import { YamlDocument } from '../../runner/documents/yaml-document.ts'
import { TargetDescription } from '../../runner/targets/description/schema.ts'

const closed = { additionalProperties: false } as const

function problems(schema: TSchema, text: string, options: CheckOptions = {}): string[] {
  const source = YamlDocument.parse(text, 'a.yaml')
  return schemaProblems(schema, source, source.value, [], options).map(
    ({ place, text: found }) => `${place.line}:${place.column}: ${found}`,
  )
}

const From = Type.Union([
  Type.Object({ header: Type.String() }, closed),
  Type.Object({ json: Type.String() }, closed),
  Type.Object({ code: Type.Integer() }, closed),
])

const Everything = Type.Object(
  {
    held: Type.Optional(Type.Boolean()),
    text: Type.Optional(Type.String({ minLength: 1 })),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
    word: Type.Optional(Type.Union([Type.Literal('last'), Type.Literal('one')])),
    time: Type.Optional(Type.String({ pattern: '^[0-9]+s$', description: 'A duration: 5s' })),
    code: Type.Optional(Type.String({ pattern: '^x' })),
    list: Type.Optional(Type.Array(Type.String(), { minItems: 1, uniqueItems: true })),
    from: Type.Optional(From),
    pairs: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
    named: Type.Optional(Type.Object({ first: Type.String() }, closed)),
  },
  closed,
)

describe('a message states the expected value, the actual value and the place', () => {
  test.each([
    ['helt: true', '1:1: unknown key "helt" (did you mean "held"?)'],
    ['entirely-else: 1', '1:1: unknown key "entirely-else"'],
    ['held: "yes"', '1:7: "held" must be true or false, got "yes"'],
    ['held:', '1:6: "held" must be true or false, got nothing'],
    ['text: 5', '1:7: "text" must be text, got 5'],
    ['text: ""', '1:7: "text" must not be empty'],
    ['text: [a]', '1:1: "text" must be text, got a list'],
    ['count: 10', '1:8: "count" must be from 1 to 9, got 10'],
    ['count: 1.5', '1:8: "count" must be a whole number from 1 to 9, got 1.5'],
    ['word: lst', '1:7: "word" must be "last" or "one", got "lst" (did you mean "last"?)'],
    ['time: 5h', '1:7: "time" must be a duration: 5s, got "5h"'],
    ['code: y', '1:7: "code" must be text that matches ^x, got "y"'],
    ['list: []', '1:1: "list" must not be empty'],
    ['list: [a, b, a]', '1:1: "list" has the same entry twice: "a"'],
    ['list:\n  - a\n  - 5', '3:5: "list[1]" must be text, got 5'],
    ['pairs:\n  a: 1', '2:6: "pairs.a" must be true or false, got 1'],
    ['named: {}', '1:1: "named" needs the key "first"'],
    ['named: { frist: x }', '1:10: unknown key "frist" (did you mean "first"?)'],
    ['5', '1:1: the file must be a mapping, got 5'],
    ['', '1:1: the file must be a mapping, got nothing'],
  ])('%j', (text, problem) => {
    expect(problems(Everything, text)).toEqual([problem])
  })

  test('a long value is cut', () => {
    const [problem] = problems(Everything, `held: ${'x'.repeat(500)}`)
    expect(problem?.length).toBeLessThan(150)
    expect(problem).toMatch(/…$/)
  })

  test('control characters are escaped', () => {
    expect(problems(Everything, String.raw`held: "\e[31m"`)).toEqual([expect.not.stringContaining('\u001B')])
  })
})

describe('a union gives one message', () => {
  test.each([
    ['from: { heder: x }', '1:9: unknown key "heder" (did you mean "header"?)'],
    ['from: { header: 5 }', '1:17: "from.header" must be text, got 5'],
    ['from: { code: x }', '1:15: "from.code" must be a whole number, got "x"'],
    ['from: { header: a, json: b }', '1:1: "from" needs "header", "json" or "code", got "header" and "json"'],
    ['from: {}', '1:1: "from" needs "header", "json" or "code", got an empty mapping'],
    [
      'from: x',
      '1:7: "from" must be a mapping with "header", a mapping with "json" or a mapping with "code", got "x"',
    ],
  ])('%j', (text, problem) => {
    expect(problems(Everything, text)).toEqual([problem])
  })

  test('also for nested unions and for branches that are not mappings', () => {
    const schema = Type.Object({
      status: Type.Union([Type.Integer(), Type.Array(Type.Union([Type.Integer(), Type.Null()]))]),
    })
    expect(problems(schema, 'status: [200, x]')).toEqual([
      '1:15: "status[1]" must be a whole number or null, got "x"',
    ])
    expect(problems(schema, 'status: x')).toEqual(['1:9: "status" must be a whole number or a list, got "x"'])
  })
})

describe('placeholders', () => {
  const schema = Type.Object({ count: Type.Integer(), from: Type.Optional(From) }, closed)

  test('replace any value of a schema if the option is set', () => {
    expect(problems(schema, 'count: "${n}"', { placeholders: true })).toEqual([])
    expect(problems(schema, 'count: "${n}"')).toHaveLength(1)
  })

  test('replace a branch of a union or a part of it', () => {
    expect(problems(schema, 'count: 1\nfrom: "${from}"', { placeholders: true })).toEqual([])
    expect(problems(schema, 'count: 1\nfrom: { code: "${code}" }', { placeholders: true })).toEqual([])
  })

  test('do not hide another error next to them', () => {
    expect(problems(schema, 'count: "${n}"\nfrom: { cod: "${code}" }', { placeholders: true })).toEqual([
      '2:9: unknown key "cod" (did you mean "code"?)',
    ])
  })

  test('escaped with $${ are text', () => {
    expect(problems(schema, 'count: "$${n}"', { placeholders: true })).toHaveLength(1)
  })
})

test('every error of a target description is found, each once', () => {
  const text = `target: 5
polling: { path: /x, delivers: lst }
sse:
  resume: "yes"
publish: { comand: x }
`
  expect(problems(TargetDescription, text).toSorted()).toEqual([
    '1:9: "target" must be text, got 5',
    '2:32: "polling.delivers" must be "last", "one" or "many", got "lst" (did you mean "last"?)',
    '3:1: "sse" needs the key "path"',
    '4:11: "sse.resume" must be true or false, got "yes"',
    '5:12: unknown key "comand" (did you mean "command"?)',
  ])
})

describe('the nearest name', () => {
  test.each([
    ['helt', ' (did you mean "held"?)'],
    ['Held', ' (did you mean "held"?)'],
    ['relase', ' (did you mean "release"?)'],
    ['titel', ' (did you mean "title"?)'],
    ['websocket', ''],
    ['x', ''],
    ['', ''],
  ])('of %j', (name, suffix) => {
    expect(didYouMean(name, ['held', 'release', 'title', 'a'])).toBe(suffix)
  })
})
