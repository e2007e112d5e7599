import type { TSchema } from '@sinclair/typebox'
import { isMapping } from '../documents/type-guards.ts'

/** Text that holds `${name}`. */
const placeholder = { type: 'string', pattern: String.raw`\$\{` } as const

/** Keywords whose value is a schema, a list of schemas, or a mapping of names to schemas. */
const inOne: readonly string[] = ['items', 'additionalProperties', 'contains', 'not']
const inList: readonly string[] = ['anyOf', 'oneOf', 'allOf']
const inMapping: readonly string[] = ['properties', 'patternProperties', '$defs']

/**
 * The same schema, but wherever it wants a certain value it also takes text that holds `${name}`: what it becomes is
 * known only after substitution. For editors; the kit itself checks what was substituted.
 */
export function allowPlaceholders(schema: TSchema): TSchema {
  return allowText(allowInParts(schema))
}

function allowText(schema: TSchema): TSchema {
  if (takesAnyText(schema)) return schema
  const { description, ...rest } = schema
  const choice = { anyOf: [...(isUnionOnly(rest) ? rest['anyOf'] : [rest]), placeholder] }
  return described(choice, description)
}

/** Parts are open to placeholders too, except the parts of `allOf`, which all look at the same value. */
function allowInParts(schema: TSchema): TSchema {
  const entries = Object.entries(schema).map(([keyword, part]: [string, unknown]) => [
    keyword,
    allowInKeyword(keyword, part),
  ])
  return schemaOf(Object.fromEntries(entries))
}

function allowInKeyword(keyword: string, part: unknown): unknown {
  if (inOne.includes(keyword)) return isSchema(part) ? allowInSchema(keyword, part) : part
  if (inList.includes(keyword) && Array.isArray(part)) {
    return part.map((one: unknown) => (isSchema(one) ? allowInParts(one) : one))
  }
  if (!inMapping.includes(keyword) || !isMapping(part)) return part
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

/** A schema without any rule, or plain text without a rule of its own, takes a placeholder as it is. */
function takesAnyText(schema: TSchema): boolean {
  const rules = Object.keys(schema).filter(
    (keyword) => !['description', 'title', 'default', 'minLength'].includes(keyword),
  )
  return rules.length === 0 || (rules.length === 1 && schema['type'] === 'string')
}

function isUnionOnly(schema: object): schema is { anyOf: unknown[] } {
  return Object.keys(schema).length === 1 && 'anyOf' in schema && Array.isArray(schema.anyOf)
}

const described = (schema: object, description: string | undefined): TSchema =>
  schemaOf(description === undefined ? schema : { ...schema, description })
