import { isUtf8 } from 'node:buffer'
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { Utf8Validator } from '../../runner/wire/utf8.ts'

const verdict = (parts: readonly Uint8Array[]): boolean => {
  const validator = new Utf8Validator()
  for (const part of parts) validator.push(part)
  return validator.complete
}

// Bytes near the borders of the grammar come far more often than by chance.
const telling = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0,
  0xf1, 0xf4, 0xf5, 0xff,
]
const bytes = fc
  .array(fc.oneof(fc.constantFrom(...telling), fc.integer({ min: 0, max: 255 })), { maxLength: 6 })
  .map((values) => Uint8Array.from(values))

describe('UTF-8', () => {
  test('text is valid and complete, however it is split', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, at) => {
        const encoded = new Uint8Array(Buffer.from(text))
        expect(verdict([encoded.slice(0, at), encoded.slice(at)])).toBe(true)
      }),
    )
  })

  test('bytes are complete exactly if the platform takes them for UTF-8', () => {
    fc.assert(
      fc.property(bytes, (some) => {
        expect(verdict([some])).toBe(isUtf8(some))
        expect(verdict([...some].map((byte) => Uint8Array.of(byte)))).toBe(isUtf8(some))
      }),
      { numRuns: 5000 },
    )
  })

  test('an impossible byte is noticed at once, an unfinished character is not yet an error', () => {
    const validator = new Utf8Validator()
    expect(validator.push(Uint8Array.of(0xe2, 0x82))).toBe(true)
    expect(validator.complete).toBe(false)
    expect(validator.push(Uint8Array.of(0x41))).toBe(false)
    expect(validator.push(Uint8Array.of(0x41))).toBe(false)
    expect(new Utf8Validator().push(Uint8Array.of(0xed, 0xa0))).toBe(false)
  })
})
