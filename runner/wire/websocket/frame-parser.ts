import {
  applyMask,
  decodeHeader,
  type FrameHeader,
  headerSize,
  opcodeName,
  opcodes,
  type Frame,
} from './frame.ts'
import { FrameRules } from './frame-rules.ts'
import { Parser, type ParserOptions, Unreadable } from '../parser.ts'

export interface FrameParserOptions extends ParserOptions {
  /** The sender of the bytes (default: the server, which must not mask its frames). */
  readonly from?: 'server' | 'client'
  /** permessage-deflate was negotiated, so RSV1 may be set on the first frame of a message. */
  readonly deflate?: boolean
}

/**
 * Parses WebSocket frames (RFC 6455 section 5.2). A frame that breaks a rule is reported and parsed, as long as
 * its end is known.
 */
export class FrameParser extends Parser<Frame> {
  readonly #rules: FrameRules
  #header: FrameHeader | undefined

  constructor(options: FrameParserOptions) {
    super(options)
    const { from = 'server', deflate = false } = options
    this.#rules = new FrameRules({ from, deflate, report: this.report })
  }

  protected override read(out: Frame[]): boolean {
    this.#header ??= this.#readHeader()
    if (this.#header === undefined || this.input.length < this.#header.length) return false
    out.push(this.#readPayload(this.#header))
    this.#header = undefined
    return true
  }

  protected override finish(): void {
    const { length } = this.input
    if (this.#header !== undefined) {
      const what = `the payload of a ${opcodeName(this.#header.opcode)} frame`
      throw new Unreadable(`the connection ended after ${length} of ${this.#header.length} bytes of ${what}`)
    }
    if (length > 0) throw new Unreadable(`the connection ended after ${length} bytes of a frame header`)
  }

  #readHeader(): FrameHeader | undefined {
    const second = this.input.at(1)
    if (second === undefined || this.input.length < headerSize(second)) return undefined
    const header = decodeHeader(this.input.take(headerSize(second)))
    this.#rules.checkHeader(header)
    if (header.length >= 1n << 63n) throw new Unreadable(`a frame length of 2^63 or more: ${header.length}`)
    if (header.length > this.limits.messageBytes)
      throw new Unreadable(
        `more than ${this.limits.messageBytes} bytes of one message: a frame of ${header.length}`,
      )
    return header
  }

  #readPayload({ length, ...header }: FrameHeader): Frame {
    const onWire = this.input.take(Number(length))
    const payload = header.mask === undefined ? onWire : applyMask(onWire, header.mask)
    if (header.opcode === opcodes.close) this.#rules.checkClose(payload)
    return { kind: 'frame', ...header, payload }
  }
}
