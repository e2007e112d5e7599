import { type Static, type TSchema, Type } from '@sinclair/typebox'
import type { VerbShape } from '../../chapters/chapter.ts'
import { contentKinds } from '../../wire/bytes/sample-content.ts'
import type { Play } from './play.ts'

/** What one step came to. Only a defect of the kit throws. */
export type Outcome =
  /** `over`: there is nothing more to see, and the steps that follow are not played. */
  | { readonly kind: 'met'; readonly over?: boolean }
  /** An expectation was not met. `late`: only a bound on time decided. */
  | {
      readonly kind: 'unmet'
      readonly grade: 'fail' | 'warn'
      readonly expected: string
      readonly observed: string
      readonly late: boolean
    }
  /** The kit could not do or could not judge it. */
  /** `again`: this machine, or the target, seemed too slow, and alone it may do better. */
  | { readonly kind: 'unable'; readonly reason: string; readonly again?: boolean }

export const met: Outcome = { kind: 'met' }

/** Met in a way after which the case has nothing more to look at. */
export const metAndOver: Outcome = { kind: 'met', over: true }

export const unmet = (
  expected: string,
  observed: string,
  about: { grade?: 'fail' | 'warn'; late?: boolean } = {},
): Outcome => ({
  kind: 'unmet',
  grade: about.grade ?? 'fail',
  expected,
  observed,
  late: about.late ?? false,
})

export const unable = (reason: string, { again = false }: { again?: boolean } = {}): Outcome => ({
  kind: 'unable',
  reason,
  again,
})

/** One arrow of the exchange, for diagrams. */
export interface Arrow {
  readonly actor: string
  readonly towards: 'target' | 'kit' | 'none'
  readonly text: string
}

/** A verb of the case language: its schema, what it does, and how it is drawn. */
export interface Verb extends VerbShape {
  run(args: unknown, play: Play): Promise<Outcome>
  draw(args: unknown): readonly Arrow[]
}

interface VerbDefinition<S extends TSchema> {
  name: string
  about: string
  schema: S
  expects: boolean
  captures?: (args: Static<S>) => string[]
  run: (args: Static<S>, play: Play) => Promise<Outcome> | Outcome
  draw: (args: Static<S>) => readonly Arrow[]
}

/** A verb whose arguments were checked with its schema before it runs. */
export function verb<S extends TSchema>(definition: VerbDefinition<S>): Verb {
  const { name, about, schema, expects, captures, run, draw } = definition
  return {
    name,
    schema: { ...schema, description: about },
    expects,
    ...(captures === undefined ? {} : { captures: (args: unknown) => captures(args) }),
    run: async (args, play) => run(args, play),
    draw: (args) => draw(args),
  }
}

export const closed = { additionalProperties: false } as const

/** A duration such as `400ms` or `2s`. */
export const DurationText = Type.String({
  pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m)$',
  description: 'A duration: 400ms, 2s',
})

const Length = Type.Integer({ minimum: 0, maximum: 64 * 1024 * 1024 })

/** Bytes as a case writes them. */
export const PayloadText = Type.Union([
  Type.String({ description: 'Text, or hex:… or base64:…' }),
  Type.Object({ repeat: Type.Unknown(), times: Length }, closed),
  Type.Object(
    {
      generate: Type.Union(contentKinds.map((kind) => Type.Literal(kind))),
      length: Length,
      from: Type.Optional(Length),
    },
    { ...closed, description: 'Bytes of a kind, the same each time' },
  ),
  Type.Object(
    { deflate: Type.Array(Type.Unknown(), { description: 'A DEFLATE stream, block by block (RFC 1951)' }) },
    closed,
  ),
  Type.Object({ concat: Type.Array(Type.Unknown()) }, closed),
  Type.Object(
    {
      'code-points': Type.Tuple([
        Type.Integer({ minimum: 0, maximum: 0x10ffff }),
        Type.Integer({ minimum: 0, maximum: 0x10ffff }),
      ]),
    },
    { ...closed, description: 'Each code point from the first to the last, as UTF-8' },
  ),
])

export const ActorName = Type.String({ minLength: 1, description: 'The name of an actor' })

/** One value, or a list of values that are all allowed. */
export const oneOrMore = <S extends TSchema>(schema: S) =>
  Type.Union([schema, Type.Array(schema, { minItems: 1 })])

export const asList = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]
