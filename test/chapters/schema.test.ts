import { describe, expect, test } from '@jest/globals'
import { Ajv } from 'ajv'
import { Type } from '@sinclair/typebox'
import { chapterJsonSchema } from '../../runner/chapters/chapter-schema.ts'
import { allowPlaceholders } from '../../runner/chapters/allow-placeholders.ts'
import { verbs } from './chapters.ts'

const validates = (schema: object): ((value: unknown) => boolean) => {
  const validate = new Ajv({ strictTypes: false }).compile(schema)
  return (value) => validate(value)
}

const chapter = (...steps: unknown[]): unknown => ({
  chapter: 'T',
  protocol: 'sse',
  about: 'A.',
  cases: [{ id: 'one', title: 'T', proves: ['x'], vary: { n: [1] }, steps }],
})

describe('the schema of a chapter for editors', () => {
  const holds = validates(chapterJsonSchema(verbs))

  test.each([
    [{ poll: { times: 2 } }, true],
    [{ poll: { times: '${n}' } }, true],
    [{ poll: { times: 'two' } }, false],
    [{ helt: {} }, false],
    [{ poll: {}, held: { request: 'a' } }, false],
    [{}, false],
    [{ given: { held: { request: 'a' } } }, true],
    [{ given: { poll: {} } }, false],
  ])('a step %j holds: %j', (step, valid) => {
    expect(holds(chapter(step))).toBe(valid)
  })
})

describe('a schema that also accepts placeholders', () => {
  const closed = { additionalProperties: false } as const
  const schema = Type.Object(
    {
      word: Type.Union([Type.Literal('a'), Type.Literal('b')], { description: 'A word' }),
      list: Type.Array(Type.Integer()),
      both: Type.Intersect([Type.Object({ n: Type.Integer() }), Type.Object({ m: Type.Boolean() })]),
      text: Type.String(),
    },
    closed,
  )
  const good = { word: 'a', list: [1], both: { n: 1, m: true }, text: 't' }
  const before = JSON.stringify(schema)
  const holds = validates(allowPlaceholders(schema))

  test.each([
    [{}, true],
    [{ word: 'x ${p}' }, true],
    [{ word: 'c' }, false],
    [{ list: '${list}' }, true],
    [{ list: ['${n}', 1] }, true],
    [{ list: ['n'] }, false],
    [{ both: '${both}' }, true],
    [{ both: { n: '${n}', m: true } }, true],
    [{ both: { n: '${n}' } }, false],
    [{ other: '${n}' }, false],
  ])('with %j it holds: %j', (change, valid) => {
    expect(holds({ ...good, ...change })).toBe(valid)
  })

  test('does not change the original schema', () => {
    expect(JSON.stringify(schema)).toBe(before)
  })
})
