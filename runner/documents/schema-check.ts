import type { TSchema } from '@sinclair/typebox'
import { Ajv, type ValidateFunction } from 'ajv'
import { type SchemaFinding, summarizeSchemaErrors } from './schema-errors.ts'
import { isMapping } from './type-guards.ts'
import type { DocumentPath, YamlDocument } from './yaml-document.ts'
import type { Problem } from './problems.ts'
import { placeholderNames } from './substitute.ts'

export interface CheckOptions {
  /** Accept text that still holds `${name}` where the schema wants something else (default: no). */
  readonly placeholders?: boolean
}

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  validateFormats: false,
  addUsedSchema: false,
  // Most schemas are used a few times only: what optimizing costs, it does not save.
  code: { optimize: false },
})
const compiled = new WeakMap<TSchema, ValidateFunction>()

/**
 * What a schema finds wrong, in words and with places: what was wanted, what was there, and the nearest name.
 *
 * @param value a part of the document, or what became of it; the whole document by default
 * @param at where that part stands in the document; messages name values relative to it
 */
export function schemaProblems(
  schema: TSchema,
  source: YamlDocument,
  value: unknown = source.value,
  at: DocumentPath = [],
  options: CheckOptions = {},
): Problem[] {
  const validate = validator(schema)
  if (validate(value)) return []
  const isDeferred = options.placeholders === true ? holdsPlaceholder : () => false
  return summarizeSchemaErrors(validate.errors ?? [], isDeferred).map((found) =>
    problemOf(found, source, value, at),
  )
}

function validator(schema: TSchema): ValidateFunction {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const validate = ajv.compile(schema)
  compiled.set(schema, validate)
  return validate
}

const holdsPlaceholder = (value: unknown): boolean =>
  typeof value === 'string' && placeholderNames(value).length > 0

function problemOf(found: SchemaFinding, source: YamlDocument, value: unknown, at: DocumentPath): Problem {
  const within = segments(found.pointer, value)
  const path = [...at, ...within]
  if (found.key !== undefined) return source.problem([...path, found.key], found.text)
  const name = shownPath([...at.slice(-1).filter((part) => typeof part === 'string'), ...within])
  const subject = name === '' ? wholeName(at) : JSON.stringify(name)
  return source.problem(path, `${subject} ${found.text}`, 'value')
}

const wholeName = (at: DocumentPath): string => (at.length === 0 ? 'the file' : 'the entry')

/** `steps[2].send.fin` */
function shownPath(path: DocumentPath): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return text.replace(/^\./, '')
}

/** RFC 6901 section 4; what is an index depends on the value that it points into. */
function segments(pointer: string, value: unknown): (string | number)[] {
  const path: (string | number)[] = []
  let inside = value
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(inside) ? Number(key) : key)
    if (Array.isArray(inside)) inside = inside[Number(key)]
    else inside = isMapping(inside) ? inside[key] : undefined
  }
  return path
}
