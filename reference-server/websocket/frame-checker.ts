/** A violation in received bytes, with the close code for it. */
export interface Violation {
  readonly code: 1002 | 1007
  readonly reason: string
  /** Number of bytes of the last `push` before the violation. */
  readonly validBytes: number
}

interface OpenFrame {
  readonly opcode: number
  readonly mask: Buffer
  /** Numbers of payload bytes that are missing and that were received. */
  left: number
  at: number
}

const opcodes = { text: 1, close: 8 } as const

/**
 * Checks received frames as their bytes arrive, for two violations that ws does not detect or detects late (RFC 6455):
 * a length that is not minimally encoded (section 5.2), and incomplete text that is already invalid UTF-8
 * (section 8.1).
 */
export class IncomingFrames {
  #head = Buffer.alloc(0)
  #frame: OpenFrame | undefined
  /** The decoder of the current text message, if it is not compressed. */
  #text: InstanceType<typeof TextDecoder> | undefined
  /** Set after an unmasked frame, because the beginning of the next frame is then unknown. */
  #isLost = false

  /** The first violation in these bytes. After a violation, `push` must not be called again. */
  push(bytes: Buffer): Violation | undefined {
    for (let at = 0; at < bytes.length && !this.#isLost;) {
      const rest = bytes.subarray(at)
      if (this.#frame === undefined) {
        const taken = this.#readHead(rest)
        if (taken === undefined)
          return { code: 1002, reason: 'the length is not minimally encoded', validBytes: at }
        at += taken
      } else {
        const payload = rest.subarray(0, this.#frame.left)
        if (!this.#readPayload(this.#frame, payload))
          return { code: 1007, reason: 'text is not UTF-8', validBytes: at }
        at += payload.length
      }
    }
    return undefined
  }

  /** The number of bytes that belong to the frame header; undefined if its length is invalid. */
  #readHead(bytes: Buffer): number | undefined {
    const before = this.#head.length
    const head = Buffer.concat([this.#head, bytes.subarray(0, 14 - before)])
    const size = headSize(head)
    if (head.length < size) {
      this.#head = head
      return bytes.length
    }
    this.#head = Buffer.alloc(0)
    const length = payloadLength(head)
    if (length === undefined) return undefined
    this.#isLost = (head.readUInt8(1) & 0x80) === 0
    this.#begin(head.subarray(0, size), length)
    return size - before
  }

  #begin(head: Buffer, length: number): void {
    const first = head.readUInt8(0)
    const opcode = first & 15
    this.#frame = length === 0 ? undefined : { opcode, mask: head.subarray(-4), left: length, at: 0 }
    if (opcode === 0 || opcode >= opcodes.close) return
    const isCompressed = (first & 0x40) !== 0
    const isPlainText = opcode === opcodes.text && !isCompressed
    this.#text = isPlainText ? new TextDecoder('utf-8', { fatal: true }) : undefined
  }

  /** False if the text is not UTF-8. */
  #readPayload(frame: OpenFrame, payload: Buffer): boolean {
    const text = frame.opcode < opcodes.close ? this.#text : undefined
    const unmasked = text === undefined ? undefined : unmask(frame, payload)
    frame.left -= payload.length
    frame.at += payload.length
    if (frame.left === 0) this.#frame = undefined
    return unmasked === undefined || isText(text, unmasked)
  }
}

function isText(decoder: InstanceType<typeof TextDecoder> | undefined, bytes: Buffer): boolean {
  try {
    decoder?.decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

/** The size of the frame header, as far as its first bytes show it; frames of clients are masked. */
function headSize(head: Buffer): number {
  if (head.length < 2) return 2
  const short = head.readUInt8(1) & 0x7f
  return 6 + (short === 126 ? 2 : short === 127 ? 8 : 0)
}

/** RFC 6455 section 5.2: the payload length; undefined if it is not in the shortest of the three forms. */
function payloadLength(head: Buffer): number | undefined {
  const short = head.readUInt8(1) & 0x7f
  if (short < 126) return short
  const length = short === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2))
  return length > (short === 126 ? 125 : 0xffff) ? length : undefined
}

const unmask = ({ mask, at }: OpenFrame, payload: Buffer): Buffer =>
  Buffer.from(payload.map((byte, index) => byte ^ (mask[(at + index) % 4] ?? 0)))
