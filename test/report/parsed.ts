import type { Static, TSchema } from '@sinclair/typebox'
import { Ajv } from 'ajv'

const ajv = new Ajv({ strict: false })

/** The value of a JSON text; throws with the errors of ajv if the schema forbids it. */
export function parsed<S extends TSchema>(schema: S, text: string): Static<S> {
  const value: unknown = JSON.parse(text)
  if (ajv.validate<Static<S>>(schema, value)) return value
  throw new Error(ajv.errorsText())
}
