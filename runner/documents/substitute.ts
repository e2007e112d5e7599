/** The value of a name, or undefined if the name has none here. */
export type Lookup = (name: string) => unknown

export interface SubstituteOptions {
  /** Leave what the scope does not know, and every `$${`, for a later substitution (default: no). */
  readonly partial?: boolean
  /** How a value looks inside a longer text (default: text as it is, anything else as JSON). */
  readonly show?: (value: unknown, name: string) => string
}

/** A name that nothing defines. */
export class UnknownName extends Error {
  readonly unknown: string

  constructor(unknown: string) {
    super(`nothing defines "\${${unknown}}"`)
    this.name = 'UnknownName'
    this.unknown = unknown
  }
}

/** `$${` writes `${`; anything else that opens with `${` is a name up to the next brace. */
const opening = /\$\$\{|\$\{([^{}]*)\}/g
const alone = /^\$\{([^{}]*)\}$/

/**
 * Puts values in the place of `${name}`, deep in lists and mappings, also in keys. A text that is nothing but one
 * name becomes the value with its type; inside a longer text the value is written out.
 *
 * @throws UnknownName unless `partial`
 */
export function substitute(value: unknown, scope: Lookup, options: SubstituteOptions = {}): unknown {
  if (typeof value === 'string') return inText(value, scope, options)
  if (Array.isArray(value)) return value.map((item) => substitute(item, scope, options))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      written(key, scope, options),
      substitute(part, scope, options),
    ]),
  )
}

/** The names that a value uses, in the order of their first use. */
export function placeholderNames(value: unknown): string[] {
  const found = new Set<string>()
  for (const { text } of textsIn(value)) {
    for (const [, name] of text.matchAll(opening)) if (name !== undefined) found.add(name)
  }
  return [...found]
}

/** Writes a text so that substitution gives it back. */
export const escapePlaceholders = (text: string): string => text.replaceAll('${', '$$${')

/** Whether a text opens a name that it does not close. */
export const hasUnclosedPlaceholder = (text: string): boolean => text.replaceAll(opening, '').includes('${')

/** Every text in a value with its path; a key counts as a text at the path of its value. */
export function* textsIn(
  value: unknown,
  path: readonly (string | number)[] = [],
): Generator<{ readonly text: string; readonly path: readonly (string | number)[] }> {
  if (typeof value === 'string') yield { text: value, path }
  if (typeof value !== 'object' || value === null) return
  for (const [key, part] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    if (typeof key === 'string') yield { text: key, path: [...path, key] }
    yield* textsIn(part, [...path, key])
  }
}

function inText(text: string, scope: Lookup, options: SubstituteOptions): unknown {
  const name = alone.exec(text)?.[1]
  if (name === undefined) return written(text, scope, options)
  const value = scope(name)
  if (value !== undefined) return value
  if (options.partial === true) return text
  throw new UnknownName(name)
}

function written(text: string, scope: Lookup, options: SubstituteOptions): string {
  const show = options.show ?? asText
  return text.replaceAll(opening, (whole, name: string | undefined) => {
    if (name === undefined) return options.partial === true ? whole : '${'
    const value = scope(name)
    if (value !== undefined) return show(value, name)
    if (options.partial === true) return whole
    throw new UnknownName(name)
  })
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
