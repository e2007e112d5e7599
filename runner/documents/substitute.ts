/** Returns the value of a name, or undefined if the name is unknown. */
export type Lookup = (name: string) => unknown

export interface SubstituteOptions {
  /** Leave unknown names and every `$${` for a later substitution (default: false). */
  readonly partial?: boolean
  /** Formats a value inside a longer text (default: text unchanged, other values as JSON). */
  readonly show?: (value: unknown, name: string) => string
}

/** A placeholder has an unknown name. */
export class UnknownName extends Error {
  readonly unknown: string

  constructor(unknown: string) {
    super(`nothing defines "\${${unknown}}"`)
    this.name = 'UnknownName'
    this.unknown = unknown
  }
}

/** Matches `$${`, which is an escaped `${`, or a placeholder `${name}`. */
const placeholder = /\$\$\{|\$\{([^{}]*)\}/g
const onlyPlaceholder = /^\$\{([^{}]*)\}$/

/**
 * Replaces `${name}` with its value, also in nested lists, mappings and keys. A text that is a single placeholder
 * becomes the value with its type; inside a longer text the value becomes text.
 *
 * @throws UnknownName unless `partial`
 */
export function substitute(value: unknown, lookup: Lookup, options: SubstituteOptions = {}): unknown {
  if (typeof value === 'string') return substituteText(value, lookup, options)
  if (Array.isArray(value)) return value.map((item) => substitute(item, lookup, options))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      writeText(key, lookup, options),
      substitute(part, lookup, options),
    ]),
  )
}

/** The names of all placeholders in a value, in the order of their first use. */
export function placeholderNames(value: unknown): string[] {
  const found = new Set<string>()
  for (const { text } of textsIn(value)) {
    for (const [, name] of text.matchAll(placeholder)) if (name !== undefined) found.add(name)
  }
  return [...found]
}

/** Escapes a text so that substitution restores it. */
export const escapePlaceholders = (text: string): string => text.replaceAll('${', '$$${')

/** Whether a text contains `${` without the closing brace. */
export const hasUnclosedPlaceholder = (text: string): boolean =>
  text.replaceAll(placeholder, '').includes('${')

/** Every text in a value with its path. A key has the path of its value. */
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

function substituteText(text: string, lookup: Lookup, options: SubstituteOptions): unknown {
  const name = onlyPlaceholder.exec(text)?.[1]
  if (name === undefined) return writeText(text, lookup, options)
  const value = lookup(name)
  if (value !== undefined) return value
  if (options.partial === true) return text
  throw new UnknownName(name)
}

function writeText(text: string, lookup: Lookup, options: SubstituteOptions): string {
  const show = options.show ?? asText
  return text.replaceAll(placeholder, (whole, name: string | undefined) => {
    if (name === undefined) return options.partial === true ? whole : '${'
    const value = lookup(name)
    if (value !== undefined) return show(value, name)
    if (options.partial === true) return whole
    throw new UnknownName(name)
  })
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
