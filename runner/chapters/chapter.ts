import { type TSchema, Type } from '@sinclair/typebox'
import { orPlaceholder } from './allow-placeholders.ts'
import type { Place } from '../documents/problems.ts'
import type { Requirement } from './register/requirement.ts'
import { sampleClasses } from './utf-8-samples.ts'

/** A verb of the case language, as far as loading a chapter needs it. */
export interface VerbShape {
  readonly name: string
  readonly schema: TSchema
  /** It is an expectation: it looks at the target, it does nothing to it. */
  readonly expects: boolean
  /** The names that later steps may use once this step has run. */
  captures?(args: unknown): string[]
}

export interface Step {
  readonly verb: string
  readonly args: unknown
  /** An expectation that only sets the scene: if it does not hold, the case could not be judged. */
  readonly given: boolean
  readonly place: Place
  /** From 0. */
  readonly index: number
}

/** A case with one combination of its parameters put in. */
export interface Instance {
  /** `write=whole, size=3`; empty for a case without `vary`. */
  readonly name: string
  readonly params: Record<string, unknown>
  readonly also: readonly string[]
  /** What this instance proves: those of the case, with the parameters put in. */
  readonly proves: readonly Requirement[]
  /** What this instance needs of the target. */
  readonly needs: readonly string[]
  readonly steps: readonly Step[]
}

export type Level = 'MUST' | 'SHOULD' | 'MAY'
export type Basis = 'standard' | 'profile'

/** What a case says of the chapter that it is in. */
export interface ChapterHead {
  readonly title: string
  readonly protocol: string
  /** The file, as messages show it. */
  readonly file: string
  readonly about: string
  /** Folder and file: `long-polling/holding`. */
  readonly address: string
}

export interface Case {
  /** Folder, file and entry: `long-polling/holding/released-on-update`. */
  readonly id: string
  readonly chapter: ChapterHead
  /** The folder: `server-sent-events`. */
  readonly protocol: string
  readonly title: string
  readonly about: string
  /** What any of its instances proves. */
  readonly proves: readonly Requirement[]
  readonly level: Level
  readonly basis: Basis
  /** What each of its instances needs of the target. */
  readonly needs: readonly string[]
  /** What only some of its instances need. */
  readonly needsOfSome: readonly string[]
  /** It runs while nothing else does. */
  readonly alone: boolean
  /** It runs only with `--full`. */
  readonly full: boolean
  readonly place: Place
  readonly instances: readonly Instance[]
}

/** What a case needs of the target, as it is told to a reader. */
export function describeNeeds({ needs, needsOfSome }: Pick<Case, 'needs' | 'needsOfSome'>): string {
  const some = needsOfSome.length === 0 ? '' : `by instance: ${needsOfSome.join(', ')}`
  return [needs.join(', '), some].filter((part) => part !== '').join('; ')
}

export interface Chapter extends ChapterHead {
  readonly cases: readonly Case[]
}

/** The folders of chapters, in the order of the documentation. */
export const folders: readonly string[] = [
  'http',
  'polling',
  'long-polling',
  'server-sent-events',
  'websocket',
  'delivery',
]

/** The folder that a `protocol:` means; one of them has a short name. */
export const folderOf = (protocol: string): string => (protocol === 'sse' ? 'server-sent-events' : protocol)

const closed = { additionalProperties: false } as const
const Text = Type.String({ minLength: 1 })

/** Names that are part of an address. */
export const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/

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
              sampleClasses.map((name) => Type.Literal(name)),
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
    pattern: kebab.source,
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
  protocol: Type.Union([...folders, 'sse'].map((name) => Type.Literal(name))),
  about: Type.String({ minLength: 1, description: 'Prose: the rules that the cases check' }),
}

/** A case as it is checked; its steps are read one by one. */
export const CaseEntry = Type.Object(
  { ...caseShape, steps: Type.Array(Type.Unknown(), { minItems: 1 }) },
  closed,
)

/** A chapter as it is checked; its cases are read one by one. */
export const ChapterFile = Type.Object(
  { ...chapterShape, cases: Type.Array(Type.Unknown(), { minItems: 1 }) },
  closed,
)

/** The JSON Schema of a chapter with these verbs, for editors. */
export function chapterSchema(verbs: readonly VerbShape[]): TSchema {
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
      definitions: Object.fromEntries(verbs.map(({ name, schema }) => [name, orPlaceholder(schema)])),
    },
  )
}

const oneKey = { ...closed, minProperties: 1, maxProperties: 1 }

/** An optional key for each verb, which points to the definition of its arguments. */
const references = (verbs: readonly VerbShape[]): Record<string, TSchema> =>
  Object.fromEntries(
    verbs.map(({ name }) => [name, Type.Optional(Type.Unsafe({ $ref: `#/definitions/${name}` }))]),
  )
