import type { TSchema } from '@sinclair/typebox'
import { Ajv, type ValidateFunction } from 'ajv'
import { type SchemaFinding, summarizeSchemaErrors } from './schema-errors.ts'
import { isMapping } from './type-guards.ts'
import type { DocumentPath, YamlDocument } from './yaml-document.ts'
import type { Problem } from './problems.ts'
import { placeholderNames } from './substitute.ts'

export interface CheckOptions {
  /** Accept text with `${name}` where the schema requires another type (default: false). */
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
  // Most schemas are used only a few times, so optimizing takes longer than it saves.
  code: { optimize: false },
})
const compiled = new WeakMap<TSchema, ValidateFunction>()

/**
 * Checks a value against a schema. Each problem states its place, the expected and the actual value, and a similar name.
 *
 * @param value a part of the document, perhaps after substitution (default: the whole document)
 * @param at path of that part in the document; messages name values relative to it
 */
export function schemaProblems(
  schema: TSchema,
  document: YamlDocument,
  value: unknown = document.value,
  at: DocumentPath = [],
  options: CheckOptions = {},
): Problem[] {
  return findings(schema, value, options).map((found) => problemOf(found, document, value, at))
}

/** Whether a value that is in no document satisfies a schema. */
export const isValid = (schema: TSchema, value: unknown, options: CheckOptions = {}): boolean =>
  findings(schema, value, options).length === 0

/** What is wrong with a value that is in no document: the part, and what it must be. */
export const valueProblems = (schema: TSchema, value: unknown): string[] =>
  findings(schema, value, {}).map(({ pointer, key, text }) => {
    const name = formatPath(pathOf(pointer, value))
    return key !== undefined || name === '' ? text : `${JSON.stringify(name)} ${text}`
  })

function findings(schema: TSchema, value: unknown, { placeholders = false }: CheckOptions): SchemaFinding[] {
  const validate = validatorOf(schema)
  if (validate(value)) return []
  return summarizeSchemaErrors(validate.errors ?? [], placeholders ? holdsPlaceholder : () => false)
}

function validatorOf(schema: TSchema): ValidateFunction {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const validate = ajv.compile(schema)
  compiled.set(schema, validate)
  return validate
}

const holdsPlaceholder = (value: unknown): boolean =>
  typeof value === 'string' && placeholderNames(value).length > 0

function problemOf(found: SchemaFinding, document: YamlDocument, value: unknown, at: DocumentPath): Problem {
  const within = pathOf(found.pointer, value)
  const path = [...at, ...within]
  if (found.key !== undefined) return document.problem([...path, found.key], found.text)
  const name = formatPath([...at.slice(-1).filter((part) => typeof part === 'string'), ...within])
  const subject = name === '' ? unnamed(at) : JSON.stringify(name)
  return document.problem(path, `${subject} ${found.text}`, 'value')
}

const unnamed = (at: DocumentPath): string => (at.length === 0 ? 'the file' : 'the entry')

/** `steps[2].send.fin` */
function formatPath(path: DocumentPath): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return text.replace(/^\./, '')
}

/** Resolves a JSON Pointer (RFC 6901 section 4). Whether a token is an index depends on the value. */
function pathOf(pointer: string, value: unknown): (string | number)[] {
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
