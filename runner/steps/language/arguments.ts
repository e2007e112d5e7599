import { type TSchema, Type } from '@sinclair/typebox'
import { contentKinds } from '../../wire/bytes/sample-content.ts'

export const closed = { additionalProperties: false } as const

/** A duration such as `400ms` or `2s`. */
export const DurationText = Type.String({
  pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m)$',
  description: 'A duration: 400ms, 2s',
})

const Length = Type.Integer({ minimum: 0, maximum: 64 * 1024 * 1024 })

/** Bytes, in the notations that a case can use for them. */
export const PayloadText = Type.Union([
  Type.String({ description: 'Text, or hex:… or base64:…' }),
  Type.Object({ repeat: Type.Unknown(), times: Length }, closed),
  Type.Object(
    { repeat: Type.Unknown(), length: Length },
    { ...closed, description: 'Repeated up to this number of bytes' },
  ),
  Type.Object(
    {
      generate: Type.Union(contentKinds.map((kind) => Type.Literal(kind))),
      length: Length,
      from: Type.Optional(Length),
    },
    { ...closed, description: 'Generated content of one kind; the bytes are the same in every run' },
  ),
  Type.Object(
    { deflate: Type.Array(Type.Unknown(), { description: 'The blocks of a DEFLATE stream (RFC 1951)' }) },
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
    { ...closed, description: 'Every code point from the first to the last, encoded as UTF-8' },
  ),
])

export const ActorName = Type.String({ minLength: 1, description: 'The name of an actor' })

/** One value, or a list of values that are all allowed. */
export const oneOrMore = <S extends TSchema>(schema: S) =>
  Type.Union([schema, Type.Array(schema, { minItems: 1 })])

export const asList = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]
