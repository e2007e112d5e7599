import { type TSchema, Type } from '@sinclair/typebox'
import { allowPlaceholders } from './allow-placeholders.ts'
import { protocolFolders, kebabCase, type VerbShape } from './chapter.ts'
import { utf8SampleClasses } from './utf-8-samples.ts'

const closed = { additionalProperties: false } as const
const Text = Type.String({ minLength: 1 })

/** `vary`: names with lists of values, or a list of rows. */
const Vary = Type.Union(
  [
    Type.Record(Type.String(), Type.Array(Type.Unknown(), { minItems: 1 }), { minProperties: 1 }),
    Type.Array(
      Type.Intersect([
        Type.Record(Type.String(), Type.Unknown(), { minProperties: 1 }),
        Type.Object({
          name: Type.Optional(Type.String({ minLength: 1, description: 'The name of the instance' })),
          also: Type.Optional(
            Type.Union([Text, Type.Array(Text)], { description: 'What this row answers for besides' }),
          ),
          'utf-8': Type.Optional(
            Type.Union(
              utf8SampleClasses.map((name) => Type.Literal(name)),
              { description: 'One instance for each sequence of this class, with its bytes as ${bytes}' },
            ),
          ),
          valid: Type.Optional(
            Type.Unknown({ description: 'With `utf-8`: only the sequences that are valid, or are not' }),
          ),
        }),
      ]),
      { minItems: 1 },
    ),
  ],
  { description: 'Parameters: names with lists of values (every combination is played), or a list of rows' },
)

const caseShape = {
  id: Type.String({
    pattern: kebabCase.source,
    description: 'A name in small letters, digits and single hyphens',
  }),
  title: Type.String({ minLength: 1, description: 'What holds, as a sentence' }),
  about: Type.Optional(Type.String({ minLength: 1, description: 'Prose: why the rule is there' })),
  proves: Type.Array(Text, {
    minItems: 1,
    description: 'Ids of requirements; a ${parameter} is one, or a list',
  }),
  needs: Type.Optional(
    Type.Array(Text, { description: 'What the target must have; parameters can stand in it' }),
  ),
  level: Type.Optional(
    Type.Union([Type.Literal('MUST'), Type.Literal('SHOULD'), Type.Literal('MAY')], {
      description: 'Instead of the strictest level of what is proved',
    }),
  ),
  vary: Type.Optional(Vary),
  also: Type.Optional(Type.Array(Text)),
  alone: Type.Optional(Type.Boolean({ description: 'Runs while nothing else does' })),
  full: Type.Optional(Type.Boolean({ description: 'Runs only with --full' })),
}

const chapterShape = {
  chapter: Type.String({ minLength: 1, description: 'The title' }),
  protocol: Type.Union([...protocolFolders, 'sse'].map((name) => Type.Literal(name))),
  about: Type.String({ minLength: 1, description: 'Prose: the rules that the cases check' }),
}

/** A case as it is checked; its steps are read one by one. */
export const CaseSchema = Type.Object(
  { ...caseShape, steps: Type.Array(Type.Unknown(), { minItems: 1 }) },
  closed,
)

/** A chapter as it is checked; its cases are read one by one. */
export const ChapterSchema = Type.Object(
  { ...chapterShape, cases: Type.Array(Type.Unknown(), { minItems: 1 }) },
  closed,
)

/** The JSON Schema of a chapter with these verbs, for editors. */
export function chapterJsonSchema(verbs: readonly VerbShape[]): TSchema {
  const expectations = verbs.filter(({ expects }) => expects)
  const given = Type.Object(references(expectations), {
    ...oneKey,
    description: 'An expectation that only sets the scene: if it does not hold, the case is inconclusive',
  })
  const step = Type.Object({ ...references(verbs), given: Type.Optional(given) }, oneKey)
  const entry = Type.Object({ ...caseShape, steps: Type.Array(step, { minItems: 1 }) }, closed)
  return Type.Object(
    { ...chapterShape, cases: Type.Array(entry, { minItems: 1 }) },
    {
      ...closed,
      $id: 'https://pushspec.dev/schema/chapter.schema.json',
      title: 'pushspec chapter',
      definitions: Object.fromEntries(verbs.map(({ name, schema }) => [name, allowPlaceholders(schema)])),
    },
  )
}

const oneKey = { ...closed, minProperties: 1, maxProperties: 1 }

/** An optional key for each verb, which points to the definition of its arguments. */
const references = (verbs: readonly VerbShape[]): Record<string, TSchema> =>
  Object.fromEntries(
    verbs.map(({ name }) => [name, Type.Optional(Type.Unsafe({ $ref: `#/definitions/${name}` }))]),
  )
