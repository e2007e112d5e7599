/** One element of Sec-WebSocket-Extensions. The value of a parameter without value is `true`. */
export interface Extension {
  readonly name: string
  readonly params: readonly (readonly [name: string, value: string | true])[]
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const isToken = new RegExp(`^${token}$`)
const parts = new RegExp(`${token}|"(?:[^"\\\\]|\\\\.)*"|[,;=]|[ \\t]+`, 'y')

/**
 * Parses the value of Sec-WebSocket-Extensions (RFC 6455 section 9.1), where several field lines must be joined with
 * commas. Undefined if the syntax is invalid or no extension is named.
 */
export function parseExtensions(header: string): Extension[] | undefined {
  const lexemes = lex(header)
  if (lexemes === undefined) return undefined
  const elements = split(lexemes, ',').filter((element) => element.length > 0)
  const extensions = elements.map((element) => extension(element))
  if (extensions.length === 0) return undefined
  return extensions.every((one) => one !== undefined) ? extensions : undefined
}

function lex(text: string): string[] | undefined {
  const lexemes: string[] = []
  parts.lastIndex = 0
  while (parts.lastIndex < text.length) {
    const found = parts.exec(text)
    if (found === null) return undefined
    if (found[0].trim() !== '') lexemes.push(found[0])
    else if (areSeparatedByWhitespace(lexemes.at(-1), text[parts.lastIndex])) return undefined
  }
  return lexemes
}

/** Whitespace alone separates two tokens. */
function areSeparatedByWhitespace(before: string | undefined, next: string | undefined): boolean {
  return before !== undefined && next !== undefined && !/^[,;=]$/.test(before) && !/[,;=]/.test(next)
}

function split(lexemes: readonly string[], separator: string): string[][] {
  const groups: string[][] = [[]]
  for (const lexeme of lexemes) {
    if (lexeme === separator) groups.push([])
    else groups.at(-1)?.push(lexeme)
  }
  return groups
}

function extension(lexemes: readonly string[]): Extension | undefined {
  const [head = [], ...rest] = split(lexemes, ';')
  const [name] = head
  const params = rest.map((param) => parameter(param))
  if (head.length !== 1 || name === undefined || !isToken.test(name)) return undefined
  return params.every((param) => param !== undefined) ? { name, params } : undefined
}

function parameter(lexemes: readonly string[]): readonly [string, string | true] | undefined {
  const [name, equals, value, ...more] = lexemes
  if (name === undefined || !isToken.test(name) || more.length > 0) return undefined
  if (equals === undefined) return [name, true]
  if (equals !== '=' || value === undefined) return undefined
  const unquoted = value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value
  // A quoted value must be a token, too.
  return isToken.test(unquoted) ? [name, unquoted] : undefined
}
