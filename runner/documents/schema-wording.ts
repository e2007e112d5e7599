import type { ErrorObject } from 'ajv'
import { didYouMean } from './did-you-mean.ts'
import { isMapping, isText } from './type-guards.ts'

/** Largest length of a text from a file in a message. */
const mostShown = 60

/** The part of a JSON Schema that messages describe. */
export interface ReadableSchema {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly ReadableSchema[]
  readonly oneOf?: readonly ReadableSchema[]
  readonly properties?: Readonly<Record<string, ReadableSchema>>
  readonly required?: readonly string[]
  readonly pattern?: string
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
}

const isSchema = (value: unknown): value is ReadableSchema => isMapping(value)

/** The schema itself, or an empty schema for `true` and `false`. */
export const readableSchema = (schema: unknown): ReadableSchema => (isSchema(schema) ? schema : {})

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  array: 'a list',
  object: 'a mapping',
  null: 'null',
}

/** Describes the values that a schema accepts: `true or false`, `"last" or "one"`, `a mapping with "hex"`. */
function describeSchema(schema: ReadableSchema): string {
  const branches = schema.anyOf ?? schema.oneOf
  if (branches !== undefined) return joinWithOr(branches.map(describeSchema))
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return joinWithOr(schema.enum.map((value) => JSON.stringify(value)))
  if (schema.pattern !== undefined) return patternWords(schema)
  const types = [schema.type ?? []].flat().map((type) => typeWords[type] ?? type)
  return types.length === 0 ? 'something else' : joinWithOr(types) + details(schema)
}

/** `a`, `a or b`, `a, b or c`. */
export const joinWithOr = (choices: readonly string[]): string => joinWords(choices, 'or')

/** `"a"`, `"a" and "b"`, `"a", "b" and "c"`. */
export const quoteAndJoin = (keys: readonly string[]): string =>
  joinWords(
    keys.map((key) => JSON.stringify(key)),
    'and',
  )

function joinWords(words: readonly string[], last: 'and' | 'or'): string {
  const distinct = [...new Set(words)]
  const end = distinct.pop() ?? ''
  return distinct.length === 0 ? end : `${distinct.join(', ')} ${last} ${end}`
}

/** Describes a value; long text is cut. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping'
  const text = JSON.stringify(value)
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}…`
}

/** `must be …, got …`, with a similar text if the schema accepts one. */
export function mustBeMessage(schema: ReadableSchema, value: unknown): string {
  const hint = typeof value === 'string' ? didYouMean(value, possibleTexts(schema)) : ''
  return `must be ${describeSchema(schema)}, got ${describeValue(value)}${hint}`
}

/** Describes one failed keyword of a schema; follows the name of the value. */
export function describeSchemaError({ keyword, params, data, parentSchema, message }: ErrorObject): string {
  const schema = readableSchema(parentSchema)
  const limit = String(params['limit'])
  switch (keyword) {
    case 'type':
    case 'const':
    case 'enum':
    case 'pattern':
      return mustBeMessage(schema, data)
    case 'minimum':
    case 'maximum':
      return `must be ${bounds(schema)}, got ${describeValue(data)}`
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return limit === '1' ? 'must not be empty' : `must have at least ${limit} entries, got ${sizeOf(data)}`
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return `must have at most ${limit} entries, got ${sizeOf(data)}`
    case 'uniqueItems':
      return `has the same entry twice: ${describeValue(Array.isArray(data) ? data[Number(params['i'])] : data)}`
    default:
      return message ?? `breaks the rule "${keyword}"`
  }
}

function patternWords({ description, pattern }: ReadableSchema): string {
  if (description !== undefined && /^An? /.test(description)) return `a${description.slice(1)}`
  return `text that matches ${pattern}`
}

function details(schema: ReadableSchema): string {
  if (schema.minimum !== undefined || schema.maximum !== undefined) return ` ${bounds(schema)}`
  const required = schema.required ?? []
  return required.length === 0 ? '' : ` with ${quoteAndJoin(required)}`
}

function bounds({ minimum, maximum }: ReadableSchema): string {
  if (minimum !== undefined && maximum !== undefined) return `from ${minimum} to ${maximum}`
  return minimum === undefined ? `at most ${maximum}` : `at least ${minimum}`
}

function possibleTexts(schema: ReadableSchema): string[] {
  const branches = schema.anyOf ?? schema.oneOf ?? []
  return [...branches.flatMap(possibleTexts), ...[schema.const, ...(schema.enum ?? [])].filter(isText)]
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
}
