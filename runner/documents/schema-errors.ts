import type { ErrorObject } from 'ajv'
import { didYouMean, nearestName } from './did-you-mean.ts'
import { isMapping, listOrEmpty } from './type-guards.ts'
import {
  type ReadableSchema,
  quoteAndJoin,
  joinWithOr,
  describeValue,
  mustBeMessage,
  describeSchemaError,
  readableSchema,
} from './schema-wording.ts'

/** One mistake in a value, without its place in the file. */
export interface SchemaFinding {
  /** JSON Pointer (RFC 6901) of the value. */
  readonly pointer: string
  /** An unexpected key. */
  readonly key?: string
  /** A missing key. */
  readonly missing?: string
  /** Describes the mistake. With `key` it is a full statement, otherwise it follows the name of the value. */
  readonly text: string
  /** The value has another type or constant than required, so this branch of a union was probably not intended. */
  readonly isOtherKind: boolean
}

/** Whether a value is checked later instead, such as text with placeholders. */
export type IsDeferred = (value: unknown) => boolean

interface Branch {
  readonly schema: ReadableSchema
  readonly failed: number
  readonly findings: readonly SchemaFinding[]
}

/** Keywords whose errors only repeat nested errors. */
const wrappers = new Set(['if', 'propertyNames', 'allOf'])

/** Turns the errors of Ajv into findings. The errors of all branches of a union become one finding where possible. */
export function summarizeSchemaErrors(
  errors: readonly ErrorObject[],
  isDeferred: IsDeferred,
): SchemaFinding[] {
  const findings: SchemaFinding[] = []
  let rest = errors
  for (let union = outermost(rest); union !== undefined; union = outermost(rest)) {
    const outer = union
    findings.push(
      ...unionFindings(
        outer,
        rest.filter((error) => isInside(error, outer)),
        isDeferred,
      ),
    )
    rest = rest.filter((error) => error !== outer && !isInside(error, outer))
  }
  const plain = rest.filter(({ keyword, data }) => !wrappers.has(keyword) && !isDeferred(data))
  return withoutMisspelledKeys([...findings, ...plain.map(findingOf)])
}

/** Removes a missing key if a similar unknown key, probably a misspelling, is reported. */
function withoutMisspelledKeys(findings: readonly SchemaFinding[]): SchemaFinding[] {
  return findings.filter(({ pointer, missing }) => {
    if (missing === undefined) return true
    return !findings.some(
      (other) => other.pointer === pointer && nearestName(other.key ?? '', [missing]) === missing,
    )
  })
}

function outermost(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
  return unions.toSorted((a, b) => a.schemaPath.length - b.schemaPath.length)[0]
}

function isInside(error: ErrorObject, union: ErrorObject): boolean {
  const { instancePath: base, schemaPath } = union
  const below = error.instancePath === base || error.instancePath.startsWith(`${base}/`)
  return below && error.schemaPath.startsWith(`${schemaPath}/`)
}

function findingOf(error: ErrorObject): SchemaFinding {
  const { keyword, instancePath: pointer, params, parentSchema, propertyName } = error
  const isOtherKind = keyword === 'type' || keyword === 'const' || keyword === 'enum'
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const key = String(params['additionalProperty'] ?? params['unevaluatedProperty'])
    return unknownKey(pointer, key, Object.keys(readableSchema(parentSchema).properties ?? {}))
  }
  if (propertyName !== undefined) {
    const text = `the key ${JSON.stringify(propertyName)} ${mustBeMessage(readableSchema(parentSchema), propertyName)}`
    return { pointer, key: propertyName, text, isOtherKind: false }
  }
  if (keyword === 'required') return missingKey(pointer, String(params['missingProperty']))
  return { pointer, text: describeSchemaError(error), isOtherKind }
}

const unknownKey = (pointer: string, key: string, known: readonly string[]): SchemaFinding => ({
  pointer,
  key,
  text: `unknown key ${JSON.stringify(key)}${didYouMean(key, known)}`,
  isOtherKind: false,
})

const missingKey = (pointer: string, missing: string): SchemaFinding => ({
  pointer,
  missing,
  text: `needs the key ${JSON.stringify(missing)}`,
  isOtherKind: false,
})

function unionFindings(
  union: ErrorObject,
  inside: readonly ErrorObject[],
  isDeferred: IsDeferred,
): readonly SchemaFinding[] {
  const { data, instancePath: pointer, schema } = union
  if (isDeferred(data)) return []
  const schemas = listOrEmpty(schema).map(readableSchema)
  const branches = schemas.map((branch, index) => branchOf(branch, index, union, inside, isDeferred))
  // A branch that failed only at values that are checked later may still match.
  if (branches.some(({ failed, findings }) => failed > 0 && findings.length === 0)) return []
  const meant = branches.filter(
    ({ findings }) => !findings.some((found) => found.isOtherKind && found.pointer === pointer),
  )
  if (meant.length === 1) return meant[0]?.findings ?? []
  if (meant.length === 0)
    return [{ pointer, text: mustBeMessage({ anyOf: schemas }, data), isOtherKind: true }]
  return isMapping(data) ? mappingFindings(pointer, data, meant) : plainFindings(pointer, data, meant)
}

function branchOf(
  schema: ReadableSchema,
  index: number,
  union: ErrorObject,
  inside: readonly ErrorObject[],
  isDeferred: IsDeferred,
): Branch {
  const own = inside.filter(({ schemaPath }) => schemaPath.startsWith(`${union.schemaPath}/${index}/`))
  return { schema, failed: own.length, findings: summarizeSchemaErrors(own, isDeferred) }
}

function plainFindings(pointer: string, data: unknown, meant: readonly Branch[]): readonly SchemaFinding[] {
  if (Array.isArray(data)) return bestBranch(meant).findings
  return [
    { pointer, text: mustBeMessage({ anyOf: meant.map(({ schema }) => schema) }, data), isOtherKind: false },
  ]
}

/** Chooses among branches that are mappings by their keys. */
function mappingFindings(pointer: string, data: object, meant: readonly Branch[]): readonly SchemaFinding[] {
  const known = [...new Set(meant.flatMap(({ schema }) => Object.keys(schema.properties ?? {})))]
  const unknown = Object.keys(data).filter((key) => !known.includes(key))
  const fitting = meant.filter(({ findings }) => !findings.some((found) => isWrongKey(found, pointer)))
  if (fitting.length > 0) return bestBranch(fitting).findings
  if (unknown.length > 0 && known.length > 0) return unknown.map((key) => unknownKey(pointer, key, known))
  return [{ pointer, text: describeChoices(data, meant), isOtherKind: false }]
}

const isWrongKey = ({ pointer, key, missing }: SchemaFinding, at: string): boolean =>
  pointer === at && (key !== undefined || missing !== undefined)

/** All keys are known, but no branch has exactly these keys. */
function describeChoices(data: object, meant: readonly Branch[]): string {
  const choices = joinWithOr(meant.map(({ schema }) => quoteAndJoin(schema.required ?? [])))
  const keys = Object.keys(data)
  return `needs ${choices}, got ${keys.length === 0 ? describeValue(data) : quoteAndJoin(keys)}`
}

/** The branch with the fewest findings, where a wrong type or constant counts most. */
function bestBranch(branches: readonly Branch[]): Branch {
  const cost = ({ findings }: Branch): number =>
    findings.reduce((sum, { isOtherKind }) => sum + (isOtherKind ? 10 : 1), 0)
  const [best] = branches.toSorted((a, b) => cost(a) - cost(b))
  if (best === undefined) throw new RangeError('a union without branches')
  return best
}
