import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { encodePayload } from '../../../runner/wire/bytes/payload.ts'
import { textOf } from '../reading.ts'

describe('payload', () => {
  test.each<[unknown, string]>([
    ['text', 'text'],
    ['ä', '\xc3\xa4'],
    ['hex:00 ff', '\x00\xff'],
    ['base64:AP8=', '\x00\xff'],
    [{ text: 'hex:00' }, 'hex:00'],
    [{ repeat: 'hex:0102', times: 3 }, '\x01\x02\x01\x02\x01\x02'],
    [{ repeat: 'a', times: 0 }, ''],
    [{ repeat: '', times: 5 }, ''],
    [{ repeat: 'abc', length: 7 }, 'abcabca'],
    [{ repeat: 'abc', length: 0 }, ''],
    [{ concat: ['a', { repeat: 'b', times: 2 }, 'hex:63'] }, 'abbc'],
    [5, '5'],
    ['', ''],
  ])('%j is encoded to its bytes', (value, bytes) => {
    expect(textOf(encodePayload(value))).toBe(bytes)
  })

  test.each<[unknown, RegExp]>([
    ['hex:0', /pairs of hexadecimal digits, got "0"/],
    ['hex:zz', /hexadecimal/],
    ['base64:A', /base64/],
    [{ repeat: 'a', times: -1 }, /whole number of times/],
    [{ repeat: 'a', times: 1e12 }, /at most 268435456 bytes/],
    [{ repeat: 'a', length: 1e12 }, /at most 268435456 bytes/],
    [{ repeat: '', length: 3 }, /wanted bytes to repeat, got none/],
    [{ other: 1 }, /got {"other":1}/],
    [undefined, /got undefined/],
  ])('%j is rejected with the expected form', (value, message) => {
    expect(() => encodePayload(value)).toThrow(message)
  })

  test('any bytes can be written in hexadecimal and base64', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(encodePayload(`hex:${Buffer.from(bytes).toString('hex')}`)).toEqual(bytes)
        expect(encodePayload(`base64:${Buffer.from(bytes).toString('base64')}`)).toEqual(bytes)
      }),
    )
  })
})
