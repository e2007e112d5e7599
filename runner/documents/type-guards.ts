/** A mapping of YAML or an object of JSON, before anything is known of its keys. */
export type Mapping = Readonly<Record<string, unknown>>

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isText = (value: unknown): value is string => typeof value === 'string'

/** A list as it is, and the empty list for anything else. */
export const listOrEmpty = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A text as it is, and the empty text for anything else. */
export const textOrEmpty = (value: unknown): string => (isText(value) ? value : '')

/** The code of an error of Node (`ENOENT`); empty for anything else. */
export const errorCode = (error: unknown): string => (isMapping(error) ? textOrEmpty(error['code']) : '')
