import type { Static, TSchema } from '@sinclair/typebox'
import { Ajv } from 'ajv'

const ajv = new Ajv({ strict: false })

/** What a JSON text says, if the schema allows it; throws with ajv's errors if not. */
export function parsed<S extends TSchema>(schema: S, text: string): Static<S> {
  const value: unknown = JSON.parse(text)
  if (ajv.validate<Static<S>>(schema, value)) return value
  throw new Error(ajv.errorsText())
}
