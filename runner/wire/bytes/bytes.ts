import { Buffer, isUtf8 } from 'node:buffer'

const mostBytes = 256 * 1024 * 1024

/** A view of the same bytes as a Buffer, without copying them. */
export function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Concatenates `parts`. @throws {RangeError} for more than 256 MiB */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  boundedLength(parts.reduce((sum, part) => sum + part.length, 0))
  return new Uint8Array(Buffer.concat(parts))
}

/**
 * `bytes` for messages: quoted text with escapes if they are printable UTF-8, else hexadecimal digits.
 * Beyond `most` bytes the text is cut and states the number of bytes.
 */
export function show(bytes: Uint8Array, most = 64): string {
  return `${showStart(bytes, most)}${bytes.length > most ? ` (${bytes.length} bytes)` : ''}`
}

/** {@link show} after the number of bytes: `5 bytes "Hello"`. */
export function showWithSize(bytes: Uint8Array, most = 64): string {
  return `${bytes.length} ${bytes.length === 1 ? 'byte' : 'bytes'} ${showStart(bytes, most)}`
}

/**
 * Names the first byte of `received` that differs from `expected`, for messages that show only the first `shown` bytes
 * of each; empty if these already differ, or if the sizes show the difference.
 */
export function differenceBeyond(shown: number, expected: Uint8Array, received: Uint8Array): string {
  const at = received.findIndex((byte, index) => byte !== expected[index])
  const [byte, correct] = [received[at], expected[at]]
  if (at < shown || byte === undefined || correct === undefined) return ''
  return `; byte ${at + 1} is ${hex(Uint8Array.of(byte))} instead of ${hex(Uint8Array.of(correct))}`
}

function showStart(bytes: Uint8Array, most: number): string {
  const cut = bytes.length > most
  const start = cut ? wholeCharacters(bytes, most) : bytes
  const tail = cut ? '…' : ''
  const text = isUtf8(start) ? buffer(start).toString('utf8') : undefined
  if (text === undefined || unprintable.test(text)) return `hex:${hex(bytes.subarray(0, most))}${tail}`
  return `"${escape(text)}"${tail}`
}

/** {@link show} for text with one byte per character, as in HTTP fields. */
export function showLatin1(text: string, most = 64): string {
  return show(Buffer.from(text, 'latin1'), most)
}

/** `bytes` in hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return buffer(bytes).toString('hex')
}

// Control characters except tab and line ends.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/

const named: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
}

function escape(text: string): string {
  return text.replace(
    /["\\]|[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => named[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}

/** The first `most` bytes, without a UTF-8 character that the cut would split. */
function wholeCharacters(bytes: Uint8Array, most: number): Uint8Array {
  let end = most
  while (end > 0 && most - end < 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.subarray(0, end)
}

/** Returns `length`. @throws {RangeError} if it is above 256 MiB, the largest size that the kit allocates */
export function boundedLength(length: number): number {
  if (length > mostBytes) throw new RangeError(`wanted at most ${mostBytes} bytes, got ${length}`)
  return length
}
