import { expect, test } from '@jest/globals'
import { encodeRequest, type FieldBlanks } from '../../../runner/wire/http1/encode-request.ts'

test.each<[FieldBlanks | undefined, string]>([
  [undefined, 'A: b\r\n'],
  [{ before: '' }, 'A:b\r\n'],
  [{ before: '\t', after: ' ' }, 'A:\tb \r\n'],
])('the whitespace around field values is %j', (blanks, line) => {
  const request = { method: 'GET', target: '/', headers: [['A', 'b']] as const, ...(blanks && { blanks }) }
  expect(Buffer.from(encodeRequest(request)).toString()).toBe(`GET / HTTP/1.1\r\n${line}\r\n`)
})
