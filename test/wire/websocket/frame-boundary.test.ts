import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { FrameBoundary } from '../../../runner/wire/websocket/frame-boundary.ts'
import { encodeFrame } from '../../../runner/wire/websocket/frame.ts'

const after = (...pieces: Uint8Array[]): boolean => {
  const boundary = new FrameBoundary()
  for (const piece of pieces) boundary.push(piece)
  return boundary.isBetweenFrames
}

const anyFrame = fc
  .record({
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom(125, 126, 65_536).map((length) => new Uint8Array(length)),
    ),
    mask: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined }),
  })
  .map(({ payload, mask }) => encodeFrame({ opcode: 2, payload, mask }))

test('before the first byte and after whole frames another frame may follow', () => {
  expect(after()).toBe(true)
  fc.assert(fc.property(fc.array(anyFrame, { maxLength: 4 }), (frames) => after(...frames)))
})

test('inside a header or a payload no other frame may follow, however the bytes were divided', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 2 }), anyFrame, fc.nat(), (frames, last, cut) => {
      const at = 1 + (cut % (last.length - 1))
      return (
        !after(...frames, last.subarray(0, at)) &&
        after(...frames, last.subarray(0, at), last.subarray(at)) &&
        after(...Array.from(last.subarray(0, 300), (byte) => Uint8Array.of(byte)), last.subarray(300))
      )
    }),
    { numRuns: 50 },
  )
})

test('a frame that declares more bytes than follow is never complete', () => {
  const frame = encodeFrame({ opcode: 2, payload: new Uint8Array(9), declaredLength: 2n ** 62n })
  expect(after(frame, frame)).toBe(false)
})
