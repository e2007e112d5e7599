/** The opcodes of RFC 6455 section 5.2. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const
export type OpcodeName = keyof typeof opcodes

/** The name of an opcode, or for example `reserved opcode 3`. */
export function opcodeName(opcode: number): string {
  const found = Object.entries(opcodes).find(([, value]) => value === opcode)
  return found === undefined ? `reserved opcode ${opcode}` : found[0]
}

export function isControl(opcode: number): boolean {
  return opcode >= 8
}

/** One WebSocket frame as received (RFC 6455 section 5.2). */
export interface Frame {
  readonly kind: 'frame'
  readonly fin: boolean
  /** RSV1 to RSV3 as bits 4, 2 and 1. */
  readonly rsv: number
  readonly opcode: number
  /** Masking key, if the frame was masked; `payload` is unmasked. */
  readonly mask: Uint8Array | undefined
  /** Number of bits in which the length was encoded. */
  readonly lengthBits: 7 | 16 | 64
  readonly payload: Uint8Array
}

/** The part of a frame before its payload. */
export interface FrameHeader {
  readonly fin: boolean
  /** RSV1 to RSV3 as bits 4, 2 and 1. */
  readonly rsv: number
  readonly opcode: number
  readonly mask: Uint8Array | undefined
  readonly lengthBits: 7 | 16 | 64
  readonly length: bigint
}

const longestBy = { 7: 125n, 16: 0xffffn, 64: 0xffff_ffff_ffff_ffffn } as const

/** Size of the header whose second byte is `second`: 2 to 14 bytes. */
export function headerSize(second: number): number {
  return 2 + extendedSize(bitsOf(second)) + (second >= 0x80 ? 4 : 0)
}

/** Decodes a complete header of {@link headerSize} bytes. */
export function decodeHeader(bytes: Uint8Array): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = view.getUint8(0)
  const second = view.getUint8(1)
  const lengthBits = bitsOf(second)
  return {
    fin: first >= 0x80,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    mask: second >= 0x80 ? bytes.slice(-4) : undefined,
    lengthBits,
    length: decodeLength(view, second, lengthBits),
  }
}

/** The fewest bits that can encode `length`; RFC 6455 section 5.2 allows no other encoding. */
export function minimalBits(length: bigint): 7 | 16 | 64 {
  if (length <= longestBy[7]) return 7
  return length <= longestBy[16] ? 16 : 64
}

export interface FrameToSend {
  /** Default: true. */
  readonly fin?: boolean
  /** RSV1 to RSV3 as bits 4, 2 and 1; 0 to 7, default 0. */
  readonly rsv?: number
  /** 0 to 15. */
  readonly opcode: number
  /** The payload before masking. */
  readonly payload: Uint8Array
  /** The 4 bytes of the masking key; false or undefined for an unmasked frame. */
  readonly mask?: Uint8Array | false | undefined
  /** Number of bits in which to encode the length (default: the fewest). */
  readonly lengthBits?: 7 | 16 | 64
  /** A length to write instead of the length of the payload. */
  readonly declaredLength?: bigint
}

/**
 * Encodes a frame, also one that the standard forbids. Encoding a parsed frame restores its bytes.
 * @throws {RangeError} if a number does not fit its bits, or if the masking key does not have 4 bytes
 */
export function encodeFrame(frame: FrameToSend): Uint8Array {
  const { fin = true, rsv = 0, opcode, payload } = frame
  const mask = frame.mask === false ? undefined : frame.mask
  inRange('rsv', BigInt(rsv), 7n)
  inRange('opcode', BigInt(opcode), 15n)
  if (mask !== undefined) inRange('missing bytes of a 4-byte masking key', BigInt(4 - mask.length), 0n)
  const length = encodeLength(frame)
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const second = (mask === undefined ? 0 : 0x80) | (length[0] ?? 0)
  const head = [first, second, ...length.slice(1), ...(mask ?? [])]
  const bytes = new Uint8Array(head.length + payload.length)
  bytes.set(head)
  bytes.set(mask === undefined ? payload : applyMask(payload, mask), head.length)
  return bytes
}

/** Masks or unmasks a payload (RFC 6455 section 5.3). */
export function applyMask(payload: Uint8Array, key: Uint8Array): Uint8Array {
  const [a = 0, b = 0, c = 0, d = 0] = key
  const masked = new Uint8Array(payload.length)
  const whole = payload.length & ~3
  for (let at = 0; at < whole; at += 4) {
    masked[at] = (payload[at] ?? 0) ^ a
    masked[at + 1] = (payload[at + 1] ?? 0) ^ b
    masked[at + 2] = (payload[at + 2] ?? 0) ^ c
    masked[at + 3] = (payload[at + 3] ?? 0) ^ d
  }
  for (let at = whole; at < payload.length; at++) masked[at] = (payload[at] ?? 0) ^ (key[at % 4] ?? 0)
  return masked
}

function bitsOf(second: number): 7 | 16 | 64 {
  const length = second & 0x7f
  if (length < 126) return 7
  return length === 126 ? 16 : 64
}

function extendedSize(bits: 7 | 16 | 64): number {
  return { 7: 0, 16: 2, 64: 8 }[bits]
}

function decodeLength(view: DataView, second: number, bits: 7 | 16 | 64): bigint {
  if (bits === 64) return view.getBigUint64(2)
  return BigInt(bits === 16 ? view.getUint16(2) : second & 0x7f)
}

/** The low 7 bits of the second byte, followed by the extended length. */
function encodeLength({ payload, declaredLength, lengthBits }: FrameToSend): number[] {
  const length = declaredLength ?? BigInt(payload.length)
  const bits = lengthBits ?? minimalBits(length)
  inRange(`length in ${bits} bits`, length, longestBy[bits])
  if (bits === 7) return [Number(length)]
  const digits = length.toString(16).padStart(extendedSize(bits) * 2, '0')
  return [bits === 16 ? 126 : 127, ...Buffer.from(digits, 'hex')]
}

function inRange(what: string, value: bigint, most: bigint): void {
  if (value < 0n || value > most) throw new RangeError(`wanted 0 to ${most} as ${what}, got ${value}`)
}
