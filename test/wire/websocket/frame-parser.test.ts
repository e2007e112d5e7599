import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { FrameParser } from '../../../runner/wire/websocket/frame-parser.ts'
import { encodeFrame, type FrameToSend, opcodes, type Frame } from '../../../runner/wire/websocket/frame.ts'
import { defaultLimits } from '../../../runner/wire/limits.ts'
import type { ParserOptions } from '../../../runner/wire/parser.ts'
import { bytesOf, pieces, read, readInEverySplit } from '../reading.ts'

const fromServer = (options: ParserOptions): FrameParser => new FrameParser(options)
const fromClient = (options: ParserOptions): FrameParser => new FrameParser({ ...options, from: 'client' })
const withDeflate = (options: ParserOptions): FrameParser => new FrameParser({ ...options, deflate: true })

const key = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)
const close = (...payload: number[]): FrameToSend => ({
  opcode: opcodes.close,
  payload: Uint8Array.from(payload),
})
const text = (payload: string, more: Partial<FrameToSend> = {}): FrameToSend => ({
  opcode: opcodes.text,
  payload: bytesOf(payload),
  ...more,
})
const codeOf = (code: number): FrameToSend => close(code >> 8, code & 255)
const sent = (...frames: FrameToSend[]): Uint8Array =>
  Buffer.concat(frames.map((frame) => encodeFrame(frame)))
const rulesOf = (...frames: FrameToSend[]): readonly string[] => read(fromServer, [sent(...frames)]).rules

const sevens = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(7)
const anyFrame: fc.Arbitrary<FrameToSend> = fc
  .record({
    fin: fc.boolean(),
    rsv: fc.integer({ min: 0, max: 7 }),
    opcode: fc.integer({ min: 0, max: 15 }),
    payload: fc.oneof(
      { weight: 9, arbitrary: fc.uint8Array({ maxLength: 20 }) },
      fc.constantFrom(125, 126, 127, 65_535, 65_536).map(sevens),
    ),
    mask: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined }),
    longer: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ longer, ...frame }) => {
    const forms = ([7, 16, 64] as const).filter(
      (bits) => frame.payload.length < { 7: 126, 16: 65_536, 64: 1e9 }[bits],
    )
    return { ...frame, lengthBits: forms[longer % forms.length] ?? 64 }
  })

const rulesWithin = (frame: FrameToSend): readonly string[] =>
  read(withDeflate, [sent(text('a', { rsv: 4, fin: false }), frame)]).rules

describe('frames', () => {
  test('the examples of RFC 6455 section 5.7 are parsed as described there', () => {
    const single = Uint8Array.of(0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f)
    const masked = Uint8Array.of(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58)
    const hello: Frame = {
      kind: 'frame',
      fin: true,
      rsv: 0,
      opcode: 1,
      mask: undefined,
      lengthBits: 7,
      payload: bytesOf('Hello'),
    }
    expect(read(fromServer, [single])).toEqual({ observations: [hello], findings: [], rules: [] })
    expect(read(fromClient, [masked])).toEqual({
      observations: [{ ...hello, mask: key }],
      findings: [],
      rules: [],
    })
    expect(encodeFrame(text('Hello'))).toEqual(single)
    expect(encodeFrame(text('Hello', { mask: key }))).toEqual(masked)
  })

  test('any encoded frame is parsed back, and encodes to the same bytes', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const bytes = encodeFrame(frame)
        const [seen, ...more] = read(fromServer, [bytes]).observations
        expect(seen).toEqual({ kind: 'frame', ...frame })
        expect(more).toEqual([])
        expect(seen !== undefined && 'opcode' in seen && Buffer.compare(encodeFrame(seen), bytes)).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  test('every split of the bytes gives the same frames and findings', () => {
    const small = fc.array(
      anyFrame.filter(({ payload }) => payload.length < 30),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(small, fc.boolean(), (frames, deflate) => {
        const bytes = sent(...frames)
        readInEverySplit(deflate ? withDeflate : fromServer, bytes)
      }),
      { numRuns: 40 },
    )
  })

  test('a connection that ends inside a frame is malformed, with the number of bytes received', () => {
    const bytes = encodeFrame(text('Hello'))
    const ends = (count: number): readonly object[] => read(fromServer, [bytes.slice(0, count)]).observations
    expect(ends(0)).toEqual([])
    expect(ends(1)).toEqual([
      { kind: 'malformed', what: 'the connection ended after 1 bytes of a frame header' },
    ])
    expect(ends(4)).toEqual([
      { kind: 'malformed', what: 'the connection ended after 2 of 5 bytes of the payload of a text frame' },
    ])
  })

  test('a frame over the limit is malformed before its payload arrives, and nothing after it is parsed', () => {
    const { observations } = read(
      fromServer,
      [sent(text('a'), text('', { declaredLength: 11n }), text('b'))],
      {
        messageBytes: 10,
      },
    )
    expect(observations).toEqual([
      expect.objectContaining({ payload: bytesOf('a') }),
      { kind: 'malformed', what: 'more than 10 bytes of one message: a frame of 11' },
    ])
  })

  test('a payload in very many pieces is parsed in linear time', () => {
    const payload = new Uint8Array(4 * 1024 * 1024).fill(1)
    const parser = fromServer({
      limits: defaultLimits,
      onFinding: () => undefined,
    })
    const seen = pieces(encodeFrame({ opcode: 2, payload }), 16).flatMap((piece) => parser.push(piece))
    expect(seen).toHaveLength(1)
  })
})

describe('rules for servers', () => {
  const start = text('a', { fin: false })
  const rest: FrameToSend = { opcode: opcodes.continuation, payload: bytesOf('b') }
  test.each<[string, string, FrameToSend[]]>([
    ['a masked frame', 'ws-never-mask', [text('a', { mask: key })]],
    ['RSV1', 'ws-rsv-sent-zero', [text('a', { rsv: 4 })]],
    ['RSV2 and RSV3', 'ws-rsv-sent-zero', [text('a', { rsv: 3 })]],
    ['a reserved data opcode', 'ws-opcode-valid-sent', [text('a', { opcode: 3 })]],
    ['a reserved control opcode', 'ws-opcode-valid-sent', [text('a', { opcode: 11 })]],
    ['a length of 1 in 16 bits', 'ws-len-minimal-sent', [text('a', { lengthBits: 16 })]],
    ['a length of 1 in 64 bits', 'ws-len-minimal-sent', [text('a', { lengthBits: 64 })]],
    ['a ping without FIN', 'ws-control-not-fragmented-sent', [text('a', { opcode: 9, fin: false })]],
    ['a ping of 126 bytes', 'ws-control-max-125-sent', [text('a'.repeat(126), { opcode: 9 })]],
    ['a text frame inside a message', 'ws-frag-not-interleaved-sent', [start, text('b')]],
    ['a continuation of nothing', 'ws-frag-types-consistent', [start, rest, rest]],
    ['data after the own Close', 'ws-no-data-after-own-close', [close(), text('a')]],
    ['a Close of 1 byte', 'ws-close-code-two-bytes', [close(3)]],
    ['a close reason that is not UTF-8', 'ws-close-reason-utf8-sent', [close(3, 0xe8, 0xff)]],
    ['1004', 'ws-code-1004-unused', [codeOf(1004)]],
    ['1005', 'ws-code-1005-not-sent', [codeOf(1005)]],
    ['1006', 'ws-code-1006-not-sent', [codeOf(1006)]],
    ['1015', 'ws-code-1015-not-sent', [codeOf(1015)]],
    ['1010', 'ws-code-1010-not-by-server', [codeOf(1010)]],
    ['999', 'ws-code-ranges-sent', [codeOf(999)]],
    ['1016', 'ws-code-ranges-sent', [codeOf(1016)]],
    ['2999', 'ws-code-ranges-sent', [codeOf(2999)]],
    ['5000', 'ws-code-ranges-sent', [codeOf(5000)]],
  ])('%s breaks %s', (_, rule, frames) => {
    expect(rulesOf(...frames)).toEqual([rule])
  })

  test('a 64-bit length with its top bit set is reported and malformed', () => {
    const { rules, observations } = read(fromServer, [sent(text('', { declaredLength: 1n << 63n }))])
    expect(rules).toEqual(['ws-len-msb-zero-sent'])
    expect(observations).toEqual([expect.objectContaining({ kind: 'malformed' })])
  })

  test('valid input is not reported', () => {
    const ping: FrameToSend = { opcode: opcodes.ping, payload: new Uint8Array(125) }
    const codes = [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999].map((code) => codeOf(code))
    expect(rulesOf(start, ping, rest, text('a'.repeat(126)), text('a'.repeat(65_536)))).toEqual([])
    for (const frame of [close(), close(3, 0xe8, 0xc3, 0xa4), ...codes])
      expect(rulesOf(frame, ping)).toEqual([])
  })

  test('with permessage-deflate only the first frame of a message may have RSV1', () => {
    expect(rulesWithin(rest)).toEqual([])
    expect(rulesWithin({ ...rest, rsv: 4 })).toEqual(['pmd-rsv1-not-on-continuation-sent'])
    expect(rulesWithin({ ...rest, opcode: opcodes.ping, rsv: 4 })).toEqual(['pmd-rsv1-not-on-control-sent'])
    expect(rulesWithin({ ...rest, rsv: 2 })).toEqual(['ws-rsv-sent-zero'])
  })

  test('a client must mask, and may send 1010', () => {
    expect(read(fromClient, [sent(text('a'))]).rules).toEqual(['ws-unmasked-closed'])
    expect(read(fromClient, [sent({ ...codeOf(1010), mask: key })]).rules).toEqual([])
  })
})

describe('encodeFrame', () => {
  test.each<[string, FrameToSend]>([
    ['a length that does not fit', text('a'.repeat(126), { lengthBits: 7 })],
    ['a negative length', text('', { declaredLength: -1n })],
    ['an opcode of 5 bits', text('', { opcode: 16 })],
    ['RSV of 4 bits', text('', { rsv: 8 })],
    ['a short key', text('', { mask: Uint8Array.of(1) })],
  ])('refuses %s', (_, frame) => {
    expect(() => encodeFrame(frame)).toThrow(RangeError)
  })
})
