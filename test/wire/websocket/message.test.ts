import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { deflateRawSync } from 'node:zlib'
import { Deflater, type DeflateOptions, Inflater } from '../../../runner/wire/websocket/deflate.ts'
import { MessageAssembler } from '../../../runner/wire/websocket/message.ts'
import { defaultLimits } from '../../../runner/wire/limits.ts'
import type { Finding } from '../../../runner/wire/finding.ts'
import type { Frame } from '../../../runner/wire/websocket/frame.ts'
import { bytesOf } from '../reading.ts'

const frame = (opcode: number, payload: Uint8Array | string, more: Partial<Frame> = {}): Frame => ({
  kind: 'frame',
  fin: true,
  rsv: 0,
  opcode,
  mask: undefined,
  lengthBits: 7,
  payload: typeof payload === 'string' ? bytesOf(payload) : payload,
  ...more,
})

function assemble(frames: readonly Frame[], inflater?: Inflater, messageBytes = 1000) {
  const findings: Finding[] = []
  const assembler = new MessageAssembler({
    limits: { ...defaultLimits, messageBytes },
    onFinding: (finding) => findings.push(finding),
    inflater,
  })
  return { seen: frames.flatMap((one) => assembler.push(one)), rules: findings.map(({ rule }) => rule) }
}

const inflate = (...bytes: number[]) => new Inflater({ most: 100 }).inflate(Uint8Array.from(bytes))

describe('messages', () => {
  test('fragments are joined, with control frames between them', () => {
    const frames = [frame(1, 'a', { fin: false }), frame(9, 'p'), frame(0, '', { fin: false }), frame(0, 'b')]
    expect(assemble(frames)).toEqual({
      seen: [{ kind: 'message', type: 'text', payload: bytesOf('ab'), frames: 3, compressed: false }],
      rules: [],
    })
  })

  test('a character may be split between fragments, but text that is not UTF-8 is reported', () => {
    const halves = (second: number): Frame[] => [
      frame(1, Uint8Array.of(0xc3), { fin: false }),
      frame(0, Uint8Array.of(second)),
    ]
    expect(assemble(halves(0xa4)).rules).toEqual([])
    expect(assemble(halves(0x41)).rules).toEqual(['ws-text-utf8-sent'])
    expect(assemble([frame(2, Uint8Array.of(0xff))]).rules).toEqual([])
  })

  test('a new message replaces an unfinished one, and a stray continuation is ignored', () => {
    const { seen } = assemble([frame(0, 'x'), frame(1, 'a', { fin: false }), frame(2, 'b')])
    expect(seen).toEqual([expect.objectContaining({ type: 'binary', payload: bytesOf('b'), frames: 1 })])
  })

  test('a message over the limit is malformed, and later frames are ignored', () => {
    const frames = [frame(1, '123456', { fin: false }), frame(0, '789012', { fin: false }), frame(1, 'a')]
    expect(assemble(frames, undefined, 10).seen).toEqual([
      { kind: 'malformed', what: 'more than 10 bytes of one message' },
    ])
  })

  test('a compressed message is inflated, then checked as text', () => {
    const compressed = new Deflater().deflate(bytesOf('Hello Hello Hello'))
    const half = compressed.length >> 1
    const frames = [
      frame(1, compressed.slice(0, half), { rsv: 4, fin: false }),
      frame(0, compressed.slice(half)),
      frame(1, new Deflater({ noContextTakeover: true }).deflate(Uint8Array.of(0xff)), { rsv: 4 }),
    ]
    const { seen, rules } = assemble(frames, new Inflater({ most: 1000, noContextTakeover: true }))
    expect(seen[0]).toEqual({
      kind: 'message',
      type: 'text',
      payload: bytesOf('Hello Hello Hello'),
      frames: 2,
      compressed: true,
    })
    expect(rules).toEqual(['ws-text-utf8-sent'])
  })

  test('data that does not inflate is reported and ends the parsing', () => {
    const { seen, rules } = assemble(
      [frame(1, Uint8Array.of(0xff, 0xff), { rsv: 4 }), frame(1, 'a')],
      new Inflater({ most: 1000 }),
    )
    expect(seen).toEqual([expect.objectContaining({ kind: 'malformed' })])
    expect(rules).toEqual(['pmd-send-compressed-steps'])
  })

  test('a small frame that inflates beyond the limit is malformed, without finding', () => {
    const bomb = new Deflater().deflate(new Uint8Array(1_000_000))
    expect(assemble([frame(2, bomb, { rsv: 4 })], new Inflater({ most: 1000 }), 2000)).toEqual({
      seen: [{ kind: 'malformed', what: 'more than 1000 bytes of one message after inflation' }],
      rules: [],
    })
  })
})

describe('deflate', () => {
  const options: fc.Arbitrary<DeflateOptions> = fc.record({
    windowBits: fc.integer({ min: 8, max: 15 }),
    noContextTakeover: fc.boolean(),
  })
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ maxLength: 40 }).map((text) => bytesOf(text.repeat(40))),
  )

  test('deflated messages are inflated back, in order, with every window', () => {
    fc.assert(
      fc.property(options, fc.array(message, { maxLength: 6 }), (agreed, messages) => {
        const deflater = new Deflater(agreed)
        const inflater = new Inflater({ ...agreed, most: 100_000 })
        for (const payload of messages)
          expect(inflater.inflate(deflater.deflate(payload))).toEqual({ bytes: payload, isPadded: true })
      }),
    )
  })

  test('the examples of RFC 7692 section 7.2.3 are inflated', () => {
    const hello = { bytes: bytesOf('Hello'), isPadded: true }
    expect(inflate(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00)).toEqual(hello)
    expect(inflate(0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00)).toEqual(hello)
    expect(inflate(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00)).toEqual(hello)
    expect(inflate(0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00)).toEqual(
      hello,
    )
    expect(inflate(0x00)).toEqual({ bytes: new Uint8Array(), isPadded: true })
  })

  test('with context takeover, the second of two equal messages refers to the first', () => {
    const second = Uint8Array.of(0xf2, 0x00, 0x11, 0x00, 0x00)
    const first = Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00)
    const over = new Inflater({ most: 100 })
    const fresh = new Inflater({ most: 100, noContextTakeover: true })
    expect([over.inflate(first), over.inflate(second)][1]).toEqual({
      bytes: bytesOf('Hello'),
      isPadded: true,
    })
    expect([fresh.inflate(first), fresh.inflate(second)][1]).toHaveProperty('problem')
  })

  test('a payload that ends with an unpadded final block is inflated and marked', () => {
    const closed = new Uint8Array(deflateRawSync(bytesOf('Hello')))
    expect(new Inflater({ most: 100 }).inflate(closed)).toEqual({ bytes: bytesOf('Hello'), isPadded: false })
  })

  test('truncated data is a problem, not a shorter message', () => {
    const whole = new Deflater().deflate(bytesOf('abcdefghijklmnopqrstuvwxyz'))
    for (let length = 1; length < whole.length; length += 1)
      expect(new Inflater({ most: 100 }).inflate(whole.slice(0, length))).toHaveProperty('problem')
  })

  test('a reference beyond the negotiated window is a problem', () => {
    const noise =
      fc.sample(fc.uint8Array({ minLength: 4000, maxLength: 4000 }), { seed: 1, numRuns: 1 })[0] ??
      bytesOf('')
    const repeated = new Uint8Array([...noise, ...noise])
    const wide = new Deflater({ windowBits: 15 }).deflate(repeated)
    expect(new Inflater({ most: 10_000, windowBits: 9 }).inflate(wide)).toHaveProperty('problem')
    expect(new Inflater({ most: 10_000 }).inflate(wide)).toHaveProperty('bytes', repeated)
  })

  test('the number of final blocks is limited', () => {
    const many = new Uint8Array(10_000).map((_, index) => [0x03, 0x00][index % 2] ?? 0)
    expect(new Inflater({ most: 100 }).inflate(many)).toEqual({
      problem: 'more than 1000 final blocks in one message',
      overLimit: false,
    })
  })

  test('window bits outside RFC 7692 are rejected', () => {
    expect(() => new Inflater({ most: 1, windowBits: 7 })).toThrow(RangeError)
    expect(() => new Deflater({ windowBits: 16 })).toThrow(RangeError)
  })
})
