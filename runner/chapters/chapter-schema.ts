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
            Type.Union([Text, Type.Array(Text)], {
              description: 'Ids of other test suites that this row covers, too',
            }),
          ),
          'utf-8': Type.Optional(
            Type.Union(
              utf8SampleClasses.map((name) => Type.Literal(name)),
              { description: 'One instance for each sequence of this class, with its bytes as ${bytes}' },
            ),
          ),
          valid: Type.Optional(
            Type.Unknown({
              description: 'With `utf-8`: only valid sequences (true), or only invalid ones (false)',
            }),
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
  title: Type.String({ minLength: 1, description: 'The expected behaviour, as a sentence' }),
  about: Type.Optional(Type.String({ minLength: 1, description: 'Prose: why the rule is there' })),
  proves: Type.Array(Text, {
    minItems: 1,
    description: 'Ids of requirements; a ${parameter} is one id or a list of ids',
  }),
  needs: Type.Optional(
    Type.Array(Text, { description: 'Capabilities that the target must have; may contain ${parameter}' }),
  ),
  level: Type.Optional(
    Type.Union([Type.Literal('MUST'), Type.Literal('SHOULD'), Type.Literal('MAY')], {
      description: 'Replaces the strictest level of the proved requirements',
    }),
  ),
  vary: Type.Optional(Vary),
  also: Type.Optional(Type.Array(Text)),
  alone: Type.Optional(Type.Boolean({ description: 'Runs while no other case runs' })),
  full: Type.Optional(Type.Boolean({ description: 'Runs only with --full' })),
}

const chapterShape = {
  chapter: Type.String({ minLength: 1, description: 'The title' }),
  protocol: Type.Union([...protocolFolders, 'sse'].map((name) => Type.Literal(name))),
  about: Type.String({ minLength: 1, description: 'Prose: the rules that the cases check' }),
}

/** The schema that checks a case, without its steps. */
export const CaseSchema = Type.Object(
  { ...caseShape, steps: Type.Array(Type.Unknown(), { minItems: 1 }) },
  closed,
)

/** The schema that checks a chapter, without its cases. */
export const ChapterSchema = Type.Object(
  { ...chapterShape, cases: Type.Array(Type.Unknown(), { minItems: 1 }) },
  closed,
)

/** The complete JSON Schema of a chapter, for editors. */
export function chapterJsonSchema(verbs: readonly VerbShape[]): TSchema {
  const expectations = verbs.filter(({ expects }) => expects)
  const given = Type.Object(references(expectations), {
    ...oneKey,
    description: 'An expectation that is a precondition: if it is not met, the case is inconclusive',
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

/** An optional key for each verb, with a reference to the schema of its arguments. */
const references = (verbs: readonly VerbShape[]): Record<string, TSchema> =>
  Object.fromEntries(
    verbs.map(({ name }) => [name, Type.Optional(Type.Unsafe({ $ref: `#/definitions/${name}` }))]),
  )
