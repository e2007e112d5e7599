import { isUtf8 } from 'node:buffer'
import { join, show } from '../bytes/bytes.ts'
import type { Inflater } from './deflate.ts'
import { opcodes, type Frame } from './frame.ts'
import type { Limits } from '../limits.ts'
import { type Malformed, type ParserOptions, Unreadable } from '../parser.ts'
import type { Report } from '../finding.ts'

/** A complete WebSocket message, with its frames joined and, if it was compressed, inflated. */
export interface Message {
  readonly kind: 'message'
  readonly type: 'text' | 'binary'
  readonly payload: Uint8Array
  /** Number of frames. */
  readonly frames: number
  /** RSV1 was set on its first frame (RFC 7692 section 6). */
  readonly compressed: boolean
}

export interface MessageAssemblerOptions extends ParserOptions {
  /** Present if permessage-deflate was negotiated. */
  readonly inflater?: Inflater | undefined
}

interface Unfinished {
  readonly type: 'text' | 'binary'
  readonly compressed: boolean
  readonly parts: Uint8Array[]
  bytes: number
}

/** Joins frames to messages (RFC 6455 section 5.4, RFC 7692 section 6.2). After a {@link Malformed} it ignores all frames. */
export class MessageAssembler {
  readonly #limits: Limits
  readonly #report: Report
  readonly #inflater: Inflater | undefined
  #unfinished: Unfinished | undefined
  #stopped = false

  constructor({ limits, onFinding, inflater }: MessageAssemblerOptions) {
    this.#limits = limits
    this.#report = (rule, detail) => onFinding({ rule, detail })
    this.#inflater = inflater
  }

  /** Adds a frame; returns the message that it completes. Control frames and reserved opcodes are ignored. */
  push(frame: Frame): (Message | Malformed)[] {
    if (this.#stopped || frame.opcode > opcodes.binary) return []
    try {
      const message = this.#add(frame)
      return message === undefined ? [] : [message]
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      this.#stopped = true
      this.#unfinished = undefined
      return [{ kind: 'malformed', what: error.message }]
    }
  }

  #add({ opcode, rsv, payload, fin }: Frame): Message | undefined {
    // A new data frame replaces an unfinished message, and a continuation without a message is ignored: FrameRules reports both.
    if (opcode !== opcodes.continuation)
      this.#unfinished = {
        type: opcode === opcodes.text ? 'text' : 'binary',
        compressed: (rsv & 4) !== 0,
        parts: [],
        bytes: 0,
      }
    const message = this.#unfinished
    if (message === undefined) return undefined
    message.parts.push(payload)
    message.bytes += payload.length
    if (message.bytes > this.#limits.messageBytes)
      throw new Unreadable(`more than ${this.#limits.messageBytes} bytes of one message`)
    if (!fin) return undefined
    this.#unfinished = undefined
    return this.#complete(message)
  }

  #complete({ type, compressed, parts }: Unfinished): Message {
    const joined = join(parts)
    const payload = compressed ? this.#inflate(joined) : joined
    const isReadable = !compressed || this.#inflater !== undefined
    if (type === 'text' && isReadable && !isUtf8(payload))
      this.#report('ws-text-utf8-sent', `a text message that is not UTF-8 was sent: ${show(payload)}`)
    return { kind: 'message', type, payload, frames: parts.length, compressed }
  }

  #inflate(compressed: Uint8Array): Uint8Array {
    if (this.#inflater === undefined) return compressed
    const result = this.#inflater.inflate(compressed)
    if ('problem' in result) {
      if (!result.overLimit)
        this.#report(
          'pmd-send-compressed-steps',
          `a compressed message cannot be inflated: ${result.problem}`,
        )
      throw new Unreadable(
        result.overLimit ? result.problem : `a message cannot be inflated, ${result.problem}`,
      )
    }
    if (!result.isPadded)
      this.#report(
        'pmd-tail-removed',
        `a compressed message does not end as if an empty block was removed: ${show(compressed)}`,
      )
    return result.bytes
  }
}
