import { expect, test } from '@jest/globals'

import { Redactor } from '../../runner/text/redact.ts'

test('secrets that overlap are replaced together', () => {
  expect(new Redactor(['abcdef', 'defghi']).text('-abcdefghi-')).toBe('-[secret]-')
})

test('a part without any piece of a secret stays the same object', () => {
  const parts = ['first ', 'sec', 'ret!', 'last'].map((text) => Buffer.from(text))
  const redacted = new Redactor(['secret!']).parts(parts, false)
  expect(redacted.map(String)).toEqual(['first ', '[secret]', '[secret]', 'last'])
  expect([redacted[0] === parts[0], redacted[3] === parts[3]]).toEqual([true, true])
})

test('the beginning of a secret counts only where the bytes may be truncated', () => {
  const parts = [Buffer.from('a correct hor')]
  const redactor = new Redactor(['correct horse'])
  expect(redactor.parts(parts, false)).toEqual(parts)
  expect(redactor.parts(parts, true).map(String)).toEqual(['a [secret]'])
})
