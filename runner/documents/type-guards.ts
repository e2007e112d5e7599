/** A YAML mapping or JSON object with unchecked values. */
export type Mapping = Readonly<Record<string, unknown>>

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isText = (value: unknown): value is string => typeof value === 'string'

/** The list itself, or the empty list for any other value. */
export const listOrEmpty = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The text itself, or the empty text for any other value. */
export const textOrEmpty = (value: unknown): string => (isText(value) ? value : '')

/** The code of a Node error (`ENOENT`), or the empty text for any other value. */
export const errorCode = (error: unknown): string => (isMapping(error) ? textOrEmpty(error['code']) : '')
