import { expect, test } from '@jest/globals'
import { opcodes } from '../../../runner/wire/websocket/frame.ts'
import { SentContents } from '../../../runner/wire/websocket/sent-contents.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

test('a message is recognised, in one frame, in fragments and compressed', () => {
  const sent = new SentContents()
  sent.addFrame({ opcode: opcodes.text, payload: bytes('whole') })
  sent.addFrame({ opcode: opcodes.text, payload: bytes('in '), fin: false })
  sent.addFrame({ opcode: opcodes.ping, payload: bytes('between') })
  sent.addFrame({ opcode: opcodes.continuation, payload: bytes('fragments') })
  sent.addMessage(bytes('inflated'))
  expect(
    ['whole', 'in fragments', 'inflated', 'in ', 'between'].map((text) => sent.hasMessage(bytes(text))),
  ).toEqual([true, true, true, false, false])
  expect(sent.largest).toBe('in fragments'.length)
})

test('only the payload of a ping is answered by a pong', () => {
  const sent = new SentContents()
  sent.addFrame({ opcode: opcodes.ping, payload: bytes('ping') })
  sent.addFrame({ opcode: opcodes.pong, payload: bytes('pong') })
  expect(sent.hasPing(bytes('ping'))).toBe(true)
  expect(sent.hasPing(bytes('pong'))).toBe(false)
})
