import { expect, test } from '@jest/globals'
import { inflateRawSync } from 'node:zlib'
import { hex } from '../../../runner/wire/bytes/bytes.ts'
import { encodePayload } from '../../../runner/wire/bytes/payload.ts'
import { sampleContent, contentKinds } from '../../../runner/wire/bytes/sample-content.ts'

const tail = Buffer.from('0000ffff010000ffff', 'hex')
const inflated = (blocks: readonly unknown[]): Buffer =>
  inflateRawSync(Buffer.concat([encodePayload({ deflate: blocks }), tail]))

// RFC 7692 sections 7.2.3.1, 7.2.3.3, 7.2.3.4 and 7.2.3.5
test.each([
  ['a fixed block', [{ fixed: ['Hello'] }], 'f248cdc9c90700'],
  ['a stored block', [{ stored: 'Hello' }], '000500faff48656c6c6f00'],
  ['a final block', [{ fixed: ['Hello'], final: true }], 'f348cdc9c9070000'],
  ['two blocks', [{ fixed: ['He'] }, { stored: '' }, { fixed: ['llo'] }], 'f248050000 00ffff cac9c90700'],
])('%s is written as the standard shows it', (_name, blocks, bytes) => {
  expect(hex(encodePayload({ deflate: blocks }))).toBe(bytes.replaceAll(' ', ''))
})

test.each([3, 10, 11, 12, 13, 257, 258, 259, 260, 261, 262, 1000, 65_537])('a copy of %i bytes', (copy) => {
  expect(inflated([{ fixed: ['a', { back: 1, copy }] }]).toString()).toBe('a'.repeat(copy + 1))
})

test.each([1, 2, 3, 4, 5, 8, 9, 100, 4097, 24_577, 32_768])('a copy from %i bytes back', (back) => {
  const before = sampleContent('noise', 32_768)
  const bytes = inflated([{ stored: before }, { fixed: [{ back, copy: 3 }] }])
  const expected = Array.from({ length: 3 }, (_, index) => before[32_768 - back + (index % back)])
  expect([...bytes.subarray(32_768)]).toEqual(expected)
})

test('a block that is neither stored nor fixed is an error', () => {
  expect(() => encodePayload({ deflate: [{ dynamic: 'x' }] })).toThrow('wanted a stored or a fixed block')
})

test.each(contentKinds)('sample content of the kind %s is the same each time, from any byte', (kind) => {
  const long = sampleContent(kind, 5000)
  expect(sampleContent(kind, 1000, 700)).toEqual(long.slice(700, 1700))
  expect(encodePayload({ generate: kind, length: 5000 })).toEqual(long)
})
