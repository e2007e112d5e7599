import { expect, test } from '@jest/globals'
import { encodePayload } from '../../../runner/wire/bytes/payload.ts'
import { payloadLength } from '../../../runner/wire/bytes/payload-length.ts'

test.each([
  'text',
  'hex:00ff',
  { repeat: 'ab', times: 300 },
  { concat: ['a', { repeat: 'b', times: 4 }] },
  { generate: 'json', length: 1000 },
  { 'code-points': [0x7f, 0x81] },
  { text: 'hex:' },
])('the length of %j is known without its bytes', (payload) => {
  expect(payloadLength(payload)).toBe(encodePayload(payload).length)
})

test('a DEFLATE stream has the length after inflation', () => {
  expect(payloadLength({ deflate: [{ stored: 'abc' }, { fixed: ['de', { back: 1, copy: 100 }] }] })).toBe(105)
})
