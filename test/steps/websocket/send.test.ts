import { expect, test } from '@jest/globals'
import { messageFrames } from '../../../runner/steps/websocket/send.ts'

const abc = Buffer.from('abc')
const summary = (hasEmptyEnd?: boolean): unknown[] =>
  messageFrames('text', abc, 2, 0, hasEmptyEnd).map(({ opcode, fin, payload }) => [
    opcode,
    fin ?? true,
    Buffer.from(payload).toString(),
  ])

test('a message in fragments ends with its last bytes', () => {
  expect(summary()).toEqual([
    [1, false, 'ab'],
    [0, true, 'c'],
  ])
})

test('a message can end with an empty fragment', () => {
  expect(summary(true)).toEqual([
    [1, false, 'ab'],
    [0, false, 'c'],
    [0, true, ''],
  ])
})
