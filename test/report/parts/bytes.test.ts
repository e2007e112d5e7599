import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'

import { showBytes } from '../../../runner/report/parts/bytes.ts'
import { forTerminal } from '../../../runner/text/escape.ts'

describe('bytes', () => {
  test.each([
    ['text', 'GET / HTTP/1.1\r\n\r\n', String.raw`"GET / HTTP/1.1\r\n\r\n"`],
    ['quotes and backslashes', String.raw`a"b\c`, String.raw`"a\"b\\c"`],
    ['a control character in text', 'hello\u001b', String.raw`"hello\x1b"`],
    ['letters beyond ASCII', 'grüße', '"grüße"'],
  ])('that are %s', (_, text, shown) => {
    const bytes = Buffer.from(text)
    expect(showBytes(bytes, bytes.length, 100)).toBe(shown)
  })

  test('that are not UTF-8 are shown as hex', () => {
    expect(showBytes(Uint8Array.of(0xff, 0x00), 2, 100)).toBe('hex ff 00')
  })

  test('that are mostly controls are shown as hex', () => {
    expect(showBytes(Uint8Array.of(0, 1, 2, 65), 4, 100)).toBe('hex 00 01 02 41')
  })

  test('are truncated between characters, with their number', () => {
    const bytes = Buffer.from('aéé')
    expect(showBytes(bytes, 5000, 4)).toBe('"aé" … (5000 bytes)')
  })

  test('never contain a control character in their text', () => {
    const property = fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: 1, max: 100 }),
      (bytes, most) => {
        return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(showBytes(bytes, bytes.length, most))
      },
    )
    fc.assert(property)
  })
})

test('escaped text stays escaped when it is escaped again', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) => forTerminal(forTerminal(text)) === forTerminal(text),
    ),
  )
})
