import { Inbox } from '../inbox.ts'
import { describeEnd, type ConnectionEnd } from '../connection.ts'
import type { Exchange } from '../exchange.ts'
import { Deflater, type DeflateOptions, Inflater } from './deflate.ts'
import { FrameParser } from './frame-parser.ts'
import { SentContents } from './sent-contents.ts'
import { FrameBoundary } from './frame-boundary.ts'
import { MessageAssembler } from './message.ts'
import { encodeFrame, type FrameToSend, opcodeName, type Frame } from './frame.ts'
import type { Limits } from '../limits.ts'
import type { Finding } from '../finding.ts'
import { showWithSize } from '../bytes/bytes.ts'

/** An observation of a WebSocket peer. Data frames are joined to messages (RFC 6455 section 5.4). */
export type PeerObservation =
  | {
      readonly kind: 'message'
      readonly type: 'text' | 'binary'
      readonly payload: Uint8Array
      readonly compressed: boolean
      /** The kit has sent the same message on this connection. */
      readonly isAnswer: boolean
    }
  | { readonly kind: 'ping'; readonly payload: Uint8Array }
  /** `isAnswer`: the kit has sent a ping with this payload on this connection. */
  | { readonly kind: 'pong'; readonly payload: Uint8Array; readonly isAnswer: boolean }
  | { readonly kind: 'close'; readonly code: number | undefined; readonly payload: Uint8Array }
  | { readonly kind: 'malformed'; readonly what: string }
  | { readonly kind: 'end'; readonly end: ConnectionEnd }

/** Describes a frame: `text frame, FIN, 5 bytes "hello"`. */
function describeFrame(frame: Frame): string {
  const flags = `${frame.fin ? ', FIN' : ''}${frame.rsv === 0 ? '' : `, RSV ${frame.rsv}`}${frame.mask ? ', masked' : ''}`
  return `${opcodeName(frame.opcode)} frame${flags}, ${showWithSize(frame.payload, 60)}`
}

/** The close code in the payload of a Close frame (RFC 6455 section 5.5.1); undefined if there is none. */
export const closeCode = (payload: Uint8Array): number | undefined =>
  payload.length < 2 ? undefined : ((payload[0] ?? 0) << 8) | (payload[1] ?? 0)

export interface PeerOptions {
  readonly limits: Limits
  readonly onFinding: (finding: Finding) => void
  /** Responds to pings, as RFC 6455 section 5.5.2 requires (default: true). */
  readonly answersPings?: boolean
  /** Returns the next masking key. */
  readonly mask: () => Uint8Array
  /** Adds a note on a received frame to the transcript. */
  readonly note: (what: string) => void
  /** Bytes for the WebSocket connection that were sent together with the handshake. */
  readonly early?: Uint8Array | undefined
}

/** The client side of one WebSocket connection. It can send invalid frames; it parses strictly and judges nothing. */
export class WebSocketPeer {
  /** The exchange that opened the WebSocket connection. */
  readonly handshake: Exchange
  readonly inbox: Inbox<PeerObservation>
  readonly #options: PeerOptions
  #parser: FrameParser
  #assembler: MessageAssembler
  #withheld: Uint8Array = new Uint8Array()
  readonly #boundary = new FrameBoundary()
  /** The payload of the last ping whose pong waits for the end of a frame that the kit has begun. */
  #unanswered: Uint8Array | undefined
  #codeSent: number | undefined
  #deflater: Deflater | undefined
  /** What the kit has sent. */
  readonly sent = new SentContents()
  closeReceived = false
  closeSent = false
  /** The Close frame of the target, if the kit had sent nothing but pongs before. */
  earlyClose: PeerObservation | undefined
  #hasSent: boolean

  constructor(handshake: Exchange, options: PeerOptions) {
    this.handshake = handshake
    this.#options = options
    this.#hasSent = options.early !== undefined
    if (options.early !== undefined) this.#boundary.push(options.early)
    const { wire } = handshake.connection
    this.inbox = new Inbox(wire.changes)
    this.#parser = new FrameParser({ ...options, onFinding: this.#onFinding, from: 'server' })
    this.#assembler = new MessageAssembler(options)
    handshake.onSwitched = (bytes) => this.#take(bytes)
    void wire.changes
      .until(() => wire.ended !== undefined, new AbortController().signal)
      .then(() => wire.ended && this.#finish(wire.ended))
  }

  /** Enables permessage-deflate: from now on RSV1 marks compressed messages (RFC 7692 section 6). */
  useDeflate({ server, client }: { server: DeflateOptions; client: DeflateOptions }): void {
    const inflater = new Inflater({ ...server, most: this.#options.limits.messageBytes })
    this.#parser = new FrameParser({
      ...this.#options,
      onFinding: this.#onFinding,
      from: 'server',
      deflate: true,
    })
    this.#assembler = new MessageAssembler({ ...this.#options, inflater })
    this.#deflater = new Deflater(client)
  }

  /** The payload of a message as permessage-deflate compresses it; undefined if that was not negotiated. */
  compress(payload: Uint8Array): Uint8Array | undefined {
    if (this.#deflater !== undefined) this.sent.addMessage(payload)
    return this.#deflater?.deflate(payload)
  }

  /** Writes frames, in pieces of `chop` bytes if that is not 0, but withholds the last `hold` bytes. */
  async send(
    frames: readonly FrameToSend[],
    { chop = 0, hold = 0 }: { chop?: number; hold?: number } = {},
  ): Promise<void> {
    const bytes = Buffer.concat(frames.map((frame) => encodeFrame({ mask: this.#options.mask(), ...frame })))
    for (const frame of frames) this.sent.addFrame(frame)
    const close = frames.find(({ opcode }) => opcode === 8)
    if (close) this.#noteClose(close.payload)
    if (frames.some(({ opcode }) => opcode !== 10)) this.#hasSent = true
    const names = frames.map(({ opcode }) => opcodeName(opcode))
    const what =
      names.length > 8
        ? `${names.length} frames`
        : `${names.join(' + ')} frame${names.length === 1 ? '' : 's'}`
    this.#withheld = bytes.subarray(bytes.length - hold)
    await this.#write(bytes.subarray(0, bytes.length - hold), what, chop)
  }

  /** Writes bytes that need not be frames, in pieces of `chop` bytes if given. */
  async sendBytes(bytes: Uint8Array, chop?: number): Promise<void> {
    this.#hasSent = true
    await this.#write(bytes, 'bytes', chop)
  }

  /** Writes the bytes that `send` has withheld, or the first `count` of them. */
  async sendWithheld(count = this.#withheld.length): Promise<void> {
    const withheld = this.#withheld.subarray(0, count)
    this.#withheld = this.#withheld.subarray(count)
    await this.#write(withheld, 'the rest of the frame')
  }

  /** Writes bytes, and behind them the pong that has waited for the end of their last frame. */
  async #write(bytes: Uint8Array, what: string, chop?: number): Promise<void> {
    this.#boundary.push(bytes)
    const written = this.handshake.write(bytes, what, chop)
    this.#pong()
    await written
  }

  /**
   * Responds to the last ping, unless the kit is inside a frame (RFC 6455 sections 5.4 and 5.5.3). After a Close no
   * pong follows (sections 1.4 and 5.5.2): it could meet a connection that the target has just closed, and reset it.
   */
  #pong(): void {
    const payload = this.#unanswered
    if (payload === undefined || !this.#boundary.isBetweenFrames || this.closeSent || this.closeReceived)
      return
    this.#unanswered = undefined
    void this.send([{ opcode: 10, payload }])
  }

  #noteClose(payload: Uint8Array): void {
    this.closeSent = true
    this.#codeSent ??= closeCode(payload)
  }

  /** RFC 6455 section 5.5.1: a server may echo the client's close code, also one that is not defined (yet) or 1010. */
  readonly #onFinding = (finding: Finding): void => {
    if (!mayBeEchoed(this.#codeSent, finding.rule)) this.#options.onFinding(finding)
  }

  #take(bytes: Uint8Array): void {
    for (const observation of this.#parser.push(bytes)) {
      if (observation.kind === 'malformed') this.#put(observation)
      else this.#frame(observation)
    }
  }

  #frame(frame: Frame): void {
    this.#options.note(describeFrame(frame))
    if (frame.opcode === 8) {
      this.closeReceived = true
      const seen = { kind: 'close', code: closeCode(frame.payload), payload: frame.payload } as const
      if (!this.#hasSent) this.earlyClose = seen
      this.#put(seen)
    } else if (frame.opcode === 9) {
      this.#put({ kind: 'ping', payload: frame.payload })
      if (this.#options.answersPings === false) return
      this.#unanswered = frame.payload
      this.#pong()
    } else if (frame.opcode === 10)
      this.#put({ kind: 'pong', payload: frame.payload, isAnswer: this.sent.hasPing(frame.payload) })
    else
      for (const seen of this.#assembler.push(frame))
        this.#put(seen.kind === 'message' ? { ...seen, isAnswer: this.sent.hasMessage(seen.payload) } : seen)
  }

  #finish(end: ConnectionEnd): void {
    for (const observation of this.#parser.end()) if (observation.kind === 'malformed') this.#put(observation)
    this.#put({ kind: 'end', end })
  }

  #put(observation: PeerObservation): void {
    const { observations } = this.#options.limits
    if (this.inbox.size > observations) return
    const isOver = this.inbox.size === observations
    this.inbox.put(
      this.handshake.connection.wire.now(),
      isOver ? { kind: 'malformed', what: `more than ${observations} frames` } : observation,
    )
    if (isOver) this.handshake.connection.wire.reset()
  }
}

/** Whether a server that echoes this code breaks the rule only because the client did (RFC 6455 section 7.4). */
function mayBeEchoed(code: number | undefined, rule: string): boolean {
  if (code === 1010) return rule === 'ws-code-1010-not-by-server'
  if (code === 1004) return rule === 'ws-code-1004-unused'
  return rule === 'ws-code-ranges-sent' && code !== undefined && code >= 1016 && (code < 3000 || code > 4999)
}

/** Bytes of a payload that a description shows. */
export const shownBytes = 80

/** Describes an observation for "expected …, got …". */
export function describePeerObservation(observation: PeerObservation): string {
  switch (observation.kind) {
    case 'message':
      return `a ${observation.type} message of ${showWithSize(observation.payload, shownBytes)}`
    case 'ping':
    case 'pong':
      return `a ${observation.kind} of ${showWithSize(observation.payload, shownBytes)}`
    case 'close':
      return `a Close frame ${observation.code === undefined ? 'without a code' : `with code ${observation.code}`}`
    case 'malformed':
      return `bytes that cannot be parsed: ${observation.what}`
    case 'end':
      return `the connection ${describeEnd(observation.end)}`
  }
}
