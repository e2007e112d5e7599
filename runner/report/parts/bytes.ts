import { isUtf8 } from 'node:buffer'
import { forTerminal } from '../../text/escape.ts'

/** Text with a larger share of escapes than this is shown as hex. */
const mostEscapes = 0.3

/** The end of the last complete UTF-8 sequence within `most` bytes. */
function utf8Boundary(bytes: Uint8Array, most: number): number {
  if (bytes.length <= most) return bytes.length
  let end = most
  while (end > most - 4 && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return end
}

function asText(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const odd = Array.from(text).filter(
    (character) => !/[\r\n\t]/.test(character) && forTerminal(character) !== character,
  )
  if (odd.length > text.length * mostEscapes) return undefined
  return `"${forTerminal(text.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`))}"`
}

function asHex(bytes: Uint8Array): string {
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
  return `hex ${pairs.join(' ')}`
}

/**
 * Bytes on one line: quoted text with escapes when they are mostly printable, else hex. At most `most` bytes
 * are shown (a third of that in hex); `length` is the number of bytes on the wire.
 */
export function showBytes(bytes: Uint8Array, length: number, most: number): string {
  const part = bytes.subarray(0, utf8Boundary(bytes, most))
  const text = asText(part)
  const shown = text === undefined ? bytes.subarray(0, Math.max(1, Math.floor(most / 3))) : part
  const rest = shown.length < length ? ` … (${length} bytes)` : ''
  return `${text ?? asHex(shown)}${rest}`
}
