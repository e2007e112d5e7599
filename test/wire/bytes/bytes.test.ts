import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { differenceBeyond, show, showWithSize } from '../../../runner/wire/bytes/bytes.ts'
import { bytesOf } from '../reading.ts'

describe('show', () => {
  test.each<[string, string]>([
    ['', '""'],
    ['a "b"\r\n\\', '"a \\"b\\"\\r\\n\\\\"'],
    ['\x00a', 'hex:0061'],
    ['\x1b[2J', 'hex:1b5b324a'],
    ['\xff', 'hex:ff'],
    ['\xc3\xa4', '"ä"'],
    ['\xe2\x80\xae', '"\\u{202e}"'],
    ['\xc2\x9b', 'hex:c29b'],
  ])('%j is shown as %s', (text, shown) => {
    expect(show(bytesOf(text))).toBe(shown)
  })

  test('long bytes are cut between characters, and their number is stated', () => {
    expect(show(bytesOf('abcdef'), 3)).toBe('"abc"… (6 bytes)')
    expect(show(bytesOf('ab\xe2\x82\xaccd'), 4)).toBe('"ab"… (7 bytes)')
    expect(show(Uint8Array.of(255, 254, 253), 2)).toBe('hex:fffe… (3 bytes)')
  })

  test('the result never contains control characters', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string({ unit: 'binary' }).map((text) => new Uint8Array(Buffer.from(text))),
        ),
        (bytes) => {
          expect(show(bytes)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
        },
      ),
    )
  })
})

test('a size is one byte, or several bytes', () => {
  expect(showWithSize(bytesOf('a'))).toBe('1 byte "a"')
  expect(showWithSize(bytesOf('abcdef'), 3)).toBe('6 bytes "abc"…')
})

describe('a difference beyond the shown bytes', () => {
  test.each<[string, string, string, string]>([
    ['is named', 'abcdef', 'abcdeg', '; byte 6 is 67 instead of 66'],
    ['is not named if the shown bytes differ', 'abcdef', 'xbcdeg', ''],
    ['is not named if the sizes differ', 'abcdef', 'abcd', ''],
    ['is not named if there is none', 'abcdef', 'abcdef', ''],
  ])('%s', (_, expected, received, text) => {
    expect(differenceBeyond(3, bytesOf(expected), bytesOf(received))).toBe(text)
  })
})
