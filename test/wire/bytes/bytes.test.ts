import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { show } from '../../../runner/wire/bytes/bytes.ts'
import { encodePayload } from '../../../runner/wire/bytes/payload.ts'
import { ByteQueue } from '../../../runner/wire/bytes/byte-queue.ts'
import { bytesOf, textOf } from '../reading.ts'

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
    [{ concat: ['a', { repeat: 'b', times: 2 }, 'hex:63'] }, 'abbc'],
    [5, '5'],
    ['', ''],
  ])('%j stands for its bytes', (value, bytes) => {
    expect(textOf(encodePayload(value))).toBe(bytes)
  })

  test.each<[unknown, RegExp]>([
    ['hex:0', /pairs of hexadecimal digits, got "0"/],
    ['hex:zz', /hexadecimal/],
    ['base64:A', /base64/],
    [{ repeat: 'a', times: -1 }, /whole number of times/],
    [{ repeat: 'a', times: 1e12 }, /at most 268435456 bytes/],
    [{ other: 1 }, /got {"other":1}/],
    [undefined, /got undefined/],
  ])('%j is refused with what was wanted', (value, message) => {
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

describe('the queue of bytes', () => {
  const action = fc.oneof(
    fc.uint8Array({ maxLength: 700 }).map((bytes) => ({ append: bytes })),
    fc.integer({ min: 0, max: 900 }).map((count) => ({ take: count })),
  )

  test('returns bytes in order, and finds line ends', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const queue = new ByteQueue()
        let model: number[] = []
        for (const step of actions) {
          if ('append' in step) {
            queue.append(step.append)
            model.push(...step.append)
          } else {
            expect([...queue.take(step.take)]).toEqual(model.slice(0, step.take))
            model = model.slice(step.take)
          }
          expect(queue.length).toBe(model.length)
          expect(queue.at(3)).toBe(model[3])
          expect(queue.lineEnd()).toBe(model.indexOf(10))
        }
      }),
    )
  })
})
