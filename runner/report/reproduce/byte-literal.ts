import type { ByteRun } from '../../wire/bytes/run-length.ts'

const escapes: Readonly<Record<number, string>> = {
  9: String.raw`\t`,
  10: String.raw`\n`,
  13: String.raw`\r`,
  39: String.raw`\'`,
  92: String.raw`\\`,
}

const isPlain = (byte: number): boolean =>
  (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13

const escaped = (byte: number): string =>
  escapes[byte] ?? (isPlain(byte) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)

/** Bytes as a JavaScript string literal in ASCII; each character of its value is one byte. */
export const quoted = (bytes: Uint8Array): string => `'${Array.from(bytes, escaped).join('')}'`

/** Text as a JavaScript string literal in ASCII. */
export const quotedText = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Bytes with a larger share of printable characters than this are written as text. */
const mostlyText = 0.8
/** Binary data longer than this is written in base64. */
const longestHex = 256

function pieceLiteral({ bytes, length }: ByteRun): string {
  const plain = bytes.filter(isPlain).length
  if (length > bytes.length) {
    if (plain === bytes.length) return `Buffer.alloc(${length}, ${quoted(bytes)})`
    return `Buffer.alloc(${length}, '${Buffer.from(bytes).toString('hex')}', 'hex')`
  }
  if (plain === bytes.length) return quoted(bytes)
  if (plain > bytes.length * mostlyText) return `Buffer.from(${quoted(bytes)}, 'latin1')`
  const encoding = bytes.length > longestHex ? 'base64' : 'hex'
  return `Buffer.from('${Buffer.from(bytes).toString(encoding)}', '${encoding}')`
}

/** A JavaScript expression for these bytes; a string literal if they are ASCII. */
export function bytesExpression(pieces: readonly ByteRun[]): string {
  const [only] = pieces
  if (only !== undefined && pieces.length === 1) return pieceLiteral(only)
  const parts = pieces.map(pieceLiteral).map((part) => (part.startsWith("'") ? `Buffer.from(${part})` : part))
  return `Buffer.concat([${parts.join(', ')}])`
}
