import type { TSchema } from '@sinclair/typebox'
import { isMapping } from '../documents/type-guards.ts'

/** A schema for text with `${name}`. */
const placeholder = { type: 'string', pattern: String.raw`\$\{` } as const

/** Keywords whose value is a schema, a list of schemas, or a mapping of names to schemas. */
const withSchema: readonly string[] = ['items', 'additionalProperties', 'contains', 'not']
const withList: readonly string[] = ['anyOf', 'oneOf', 'allOf']
const withMapping: readonly string[] = ['properties', 'patternProperties', '$defs']

/**
 * The same schema, but every value may also be text with `${name}`, because its final value is known only after
 * substitution. This is for editors; the kit itself checks the values after substitution.
 */
export function allowPlaceholders(schema: TSchema): TSchema {
  return allowText(allowInParts(schema))
}

function allowText(schema: TSchema): TSchema {
  if (acceptsAnyText(schema)) return schema
  const { description, ...rest } = schema
  const choice = { anyOf: [...(isUnionOnly(rest) ? rest['anyOf'] : [rest]), placeholder] }
  return withDescription(choice, description)
}

/** Allows placeholders in nested values. The schemas in `anyOf`, `oneOf` and `allOf` describe the same value, so they are only searched. */
function allowInParts(schema: TSchema): TSchema {
  const entries = Object.entries(schema).map(([keyword, part]: [string, unknown]) => [
    keyword,
    allowInKeyword(keyword, part),
  ])
  return schemaOf(Object.fromEntries(entries))
}

function allowInKeyword(keyword: string, part: unknown): unknown {
  if (withSchema.includes(keyword)) return isSchema(part) ? allowInSchema(keyword, part) : part
  if (withList.includes(keyword) && Array.isArray(part)) {
    return part.map((one: unknown) => (isSchema(one) ? allowInParts(one) : one))
  }
  if (!withMapping.includes(keyword) || !isMapping(part)) return part
  return Object.fromEntries(
    Object.entries(part).map(([name, one]) => [name, isSchema(one) ? allowPlaceholders(one) : one]),
  )
}

const allowInSchema = (keyword: string, part: TSchema): TSchema =>
  keyword === 'not' ? part : allowPlaceholders(part)

const isSchema = (value: unknown): value is TSchema => isMapping(value)

function schemaOf(value: unknown): TSchema {
  if (!isSchema(value)) throw new TypeError('a schema is an object')
  return value
}

/** A schema without rules, or for any text, accepts placeholders already. */
function acceptsAnyText(schema: TSchema): boolean {
  const rules = Object.keys(schema).filter(
    (keyword) => !['description', 'title', 'default', 'minLength'].includes(keyword),
  )
  return rules.length === 0 || (rules.length === 1 && schema['type'] === 'string')
}

function isUnionOnly(schema: object): schema is { anyOf: unknown[] } {
  return Object.keys(schema).length === 1 && 'anyOf' in schema && Array.isArray(schema.anyOf)
}

const withDescription = (schema: object, description: string | undefined): TSchema =>
  schemaOf(description === undefined ? schema : { ...schema, description })
