import { expect, test } from '@jest/globals'
import { piecesOf } from '../../../runner/steps/delivery/publish-in-pieces.ts'

const pieces = (text: string): number[] => piecesOf(Buffer.from(text)).map(({ length }) => length)

test('content is cut after each byte that is not ASCII', () => {
  expect(pieces('ab é漢!')).toEqual([4, 1, 1, 1, 1, 1])
})

test('content that is ASCII is cut in the middle', () => {
  expect(pieces('abcde')).toEqual([3, 2])
})

test('short content has no empty piece', () => {
  expect(pieces('')).toEqual([])
  expect(pieces('a')).toEqual([1])
})

test('the pieces are the content', () => {
  const content = Buffer.from('in pieces é漢😀, and the rest')
  expect(Buffer.concat(piecesOf(content))).toEqual(content)
})
