import { isUtf8 } from 'node:buffer'
import { show } from '../bytes/bytes.ts'
import { type FrameHeader, isControl, minimalBits, opcodeName, opcodes } from './frame.ts'
import type { Report } from '../finding.ts'

export interface FrameRulesOptions {
  readonly from: 'server' | 'client'
  readonly deflate: boolean
  readonly report: Report
}

const namedCloseCodes: Readonly<Record<number, string>> = {
  1004: 'ws-code-1004-unused',
  1005: 'ws-code-1005-not-sent',
  1006: 'ws-code-1006-not-sent',
  1015: 'ws-code-1015-not-sent',
}

/** Checks the frames of one endpoint, in order (RFC 6455, RFC 7692). It only reports; parsing continues. */
export class FrameRules {
  readonly #from: 'server' | 'client'
  readonly #deflate: boolean
  readonly #report: Report
  #insideMessage = false
  #hasClosed = false

  constructor({ from, deflate, report }: FrameRulesOptions) {
    this.#from = from
    this.#deflate = deflate
    this.#report = report
  }

  checkHeader(header: FrameHeader): void {
    this.#checkMask(header)
    this.#checkReservedBits(header)
    this.#checkLength(header)
    if (header.opcode > 10 || (header.opcode > 2 && header.opcode < 8))
      this.#report('ws-opcode-valid-sent', `a frame with ${opcodeName(header.opcode)} was sent`)
    if (header.opcode === opcodes.close && this.#hasClosed)
      this.#report('ws-one-close-sent', 'a second Close was sent by the same side')
    if (isControl(header.opcode)) this.#checkControlFrame(header)
    else this.#checkDataFrame(header)
  }

  /** Checks the payload of a Close frame (RFC 6455 section 5.5.1). */
  checkClose(payload: Uint8Array): void {
    this.#hasClosed = true
    if (payload.length === 0) return
    const [high = 0, low] = payload
    if (low === undefined) {
      this.#report('ws-close-code-two-bytes', `a Close with a payload of 1 byte was sent: ${show(payload)}`)
      return
    }
    this.#checkCloseCode(high * 256 + low)
    const reason = payload.subarray(2)
    if (!isUtf8(reason))
      this.#report('ws-close-reason-utf8-sent', `a close reason that is not UTF-8 was sent: ${show(reason)}`)
  }

  // RFC 6455 section 5.1
  #checkMask({ mask, opcode }: FrameHeader): void {
    if (this.#from === 'server' && mask !== undefined)
      this.#report('ws-never-mask', `the server masked a ${opcodeName(opcode)} frame`)
    if (this.#from === 'client' && mask === undefined)
      this.#report('ws-unmasked-closed', `the client sent a ${opcodeName(opcode)} frame without mask`)
  }

  // RFC 6455 section 5.2, RFC 7692 section 6
  #checkReservedBits({ rsv, opcode }: FrameHeader): void {
    const where = `a ${opcodeName(opcode)} frame`
    const rsv1OfDeflate = this.#deflate ? rsv & 4 : 0
    const undefinedBits = rsv - rsv1OfDeflate
    if (undefinedBits !== 0)
      this.#report(
        'ws-rsv-sent-zero',
        `${bitNames(undefinedBits)} set on ${where}, which no extension defines`,
      )
    if (rsv1OfDeflate === 0) return
    if (isControl(opcode)) this.#report('pmd-rsv1-not-on-control-sent', `RSV1 was set on ${where}`)
    if (opcode === opcodes.continuation)
      this.#report('pmd-rsv1-not-on-continuation-sent', `RSV1 was set on ${where}`)
  }

  // RFC 6455 section 5.2
  #checkLength({ length, lengthBits }: FrameHeader): void {
    if (length >= 1n << 63n)
      this.#report('ws-len-msb-zero-sent', `the top bit of a 64-bit length was set: ${length}`)
    if (lengthBits > minimalBits(length))
      this.#report('ws-len-minimal-sent', `the length ${length} was written in ${lengthBits} bits`)
  }

  // RFC 6455 sections 5.4 and 5.5
  #checkControlFrame({ fin, opcode, length }: FrameHeader): void {
    if (!fin)
      this.#report('ws-control-not-fragmented-sent', `a ${opcodeName(opcode)} frame without FIN was sent`)
    if (length > 125n)
      this.#report('ws-control-max-125-sent', `a ${opcodeName(opcode)} frame with ${length} bytes was sent`)
  }

  // RFC 6455 section 5.4
  #checkDataFrame({ fin, opcode }: FrameHeader): void {
    if (this.#hasClosed)
      this.#report(
        'ws-no-data-after-own-close',
        `a ${opcodeName(opcode)} frame was sent after a Close by the same side`,
      )
    if (opcode > opcodes.binary) return
    if (opcode === opcodes.continuation && !this.#insideMessage) {
      this.#report('ws-frag-types-consistent', 'a continuation frame was sent with no message to continue')
      return
    }
    if (opcode !== opcodes.continuation && this.#insideMessage)
      this.#report(
        'ws-frag-not-interleaved-sent',
        `a ${opcodeName(opcode)} frame was sent inside an unfinished message`,
      )
    this.#insideMessage = !fin
  }

  // RFC 6455 sections 7.4.1 and 7.4.2
  #checkCloseCode(code: number): void {
    const rule = namedCloseCodes[code]
    if (rule !== undefined) this.#report(rule, `a Close with code ${code} was sent`)
    if (code === 1010 && this.#from === 'server')
      this.#report('ws-code-1010-not-by-server', 'the server sent a Close with code 1010')
    if (code < 1000 || (code > 1015 && code < 3000) || code > 4999)
      this.#report(
        'ws-code-ranges-sent',
        `a Close with code ${code} was sent, which is in no range that is allowed`,
      )
  }
}

function bitNames(rsv: number): string {
  const names = ['RSV1', 'RSV2', 'RSV3'].filter((_, index) => (rsv & (4 >> index)) !== 0)
  return `${names.join(' and ')} ${names.length === 1 ? 'was' : 'were'}`
}
