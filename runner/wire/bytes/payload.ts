import { Buffer } from 'node:buffer'
import { boundedLength, buffer, join } from './bytes.ts'
import { deflateBlocks } from './deflate-blocks.ts'
import { isContentKind, sampleContent, type ContentKind } from './sample-content.ts'

/** The payload language of chapters: every way to write bytes in YAML. */
export type Payload =
  /** Text in UTF-8, or bytes after the prefix `hex:` or `base64:`. */
  | string
  | number
  | boolean
  | Uint8Array
  /** Text, even if it starts with one of the prefixes. */
  | { readonly text: string }
  | { readonly repeat: Payload; readonly times: number }
  /** Repeated up to a length; the last repetition may be cut. */
  | { readonly repeat: Payload; readonly length: number }
  | { readonly concat: readonly Payload[] }
  /** Sample content; always the same bytes. */
  | { readonly generate: ContentKind; readonly length: number; readonly from?: number }
  /** A DEFLATE stream from its blocks (see {@link deflateBlocks}), without the tail that permessage-deflate removes. */
  | { readonly deflate: readonly unknown[] }
  /** Every code point of a range in UTF-8, except surrogates. */
  | { readonly 'code-points': readonly [first: number, last: number] }

/**
 * The bytes that `value` describes (see {@link Payload}).
 * @throws {TypeError} if `value` has none of the forms
 * @throws {RangeError} if the result has more than 256 MiB
 */
export function encodePayload(value: unknown): Uint8Array {
  if (typeof value === 'string') return fromText(value)
  if (typeof value === 'number' || typeof value === 'boolean') return utf8(String(value))
  if (value instanceof Uint8Array) return value
  if (isRecord(value)) {
    if (typeof value['text'] === 'string') return utf8(value['text'])
    if ('repeat' in value && 'length' in value)
      return repeatTo(encodePayload(value['repeat']), wholeNumber(value['length']))
    if ('repeat' in value) return repeat(encodePayload(value['repeat']), value['times'])
    if (Array.isArray(value['code-points'])) return codePoints(value['code-points'])
    if (Array.isArray(value['concat'])) return join(value['concat'].map((part) => encodePayload(part)))
    if (isContentKind(value['generate']))
      return sampleContent(value['generate'], wholeNumber(value['length']), wholeNumber(value['from'] ?? 0))
    if (Array.isArray(value['deflate'])) return deflateBlocks(value['deflate'], encodePayload)
  }
  throw new TypeError(
    `wanted text, "hex:…", "base64:…", repeat, concat, code-points, generate or deflate as payload, got ${describe(value)}`,
  )
}

function fromText(text: string): Uint8Array {
  if (text.startsWith('hex:')) return fromHex(text.slice('hex:'.length))
  if (text.startsWith('base64:')) return fromBase64(text.slice('base64:'.length))
  return utf8(text)
}

function fromHex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, '')
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits))
    throw new TypeError(`wanted pairs of hexadecimal digits, got "${text}"`)
  return new Uint8Array(Buffer.from(digits, 'hex'))
}

function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new TypeError(`wanted base64 with its padding, got "${text}"`)
  return new Uint8Array(bytes)
}

function repeat(bytes: Uint8Array, times: unknown): Uint8Array {
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 0)
    throw new TypeError(`wanted a whole number of times to repeat, got ${describe(times)}`)
  const whole = new Uint8Array(boundedLength(bytes.length * times))
  return bytes.length === 0 ? whole : new Uint8Array(buffer(whole).fill(bytes))
}

/** The bytes, repeated as often as needed for `length` bytes. */
function repeatTo(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === 0) throw new TypeError('wanted bytes to repeat, got none')
  return new Uint8Array(buffer(new Uint8Array(length)).fill(bytes))
}

function wholeNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return boundedLength(value)
  throw new TypeError(`wanted a whole number of bytes, got ${describe(value)}`)
}

function codePoints([first, last]: readonly unknown[]): Uint8Array {
  if (typeof first !== 'number' || typeof last !== 'number' || first < 0 || last > 0x10ffff)
    throw new TypeError(`wanted two code points, got ${describe(first)} and ${describe(last)}`)
  let text = ''
  for (let point = first; point <= last; point++)
    if (point < 0xd800 || point > 0xdfff) text += String.fromCodePoint(point)
  return utf8(text)
}

function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function describe(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
