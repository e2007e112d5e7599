import { type FrameToSend, isControl, opcodes } from './frame.ts'

/** Bytes at the beginning of a payload that tell it from others of the same length. */
const prefix = 32

const fingerprint = (length: number, start: Uint8Array): string =>
  `${length} ${Buffer.from(start.subarray(0, prefix)).toString('hex')}`

/** A message that is being sent in fragments: its length so far, and its first bytes. */
interface OpenMessage {
  length: number
  start: Uint8Array
}

/** The messages and pings that were sent on one connection, to recognise the responses to them. */
export class SentContents {
  readonly #messages = new Set<string>()
  readonly #pings = new Set<string>()
  #open: OpenMessage = { length: 0, start: new Uint8Array() }
  /** Bytes of the largest message. */
  largest = 0

  /** Adds a frame. A message that is never completed is no message, but counts for `largest`. */
  addFrame({ opcode, payload, fin = true }: FrameToSend): void {
    if (opcode === opcodes.ping) this.#pings.add(fingerprint(payload.length, payload))
    if (isControl(opcode)) return
    if (opcode !== opcodes.continuation) this.#open = { length: 0, start: new Uint8Array() }
    const { length, start } = this.#open
    this.#open = {
      length: length + payload.length,
      start: start.length < prefix ? Buffer.concat([start, payload.subarray(0, prefix)]) : start,
    }
    this.largest = Math.max(this.largest, this.#open.length)
    if (fin) this.#messages.add(fingerprint(this.#open.length, this.#open.start))
  }

  /** Adds the content of a message whose frames are compressed. */
  addMessage(payload: Uint8Array): void {
    this.#messages.add(fingerprint(payload.length, payload))
    this.largest = Math.max(this.largest, payload.length)
  }

  hasMessage(payload: Uint8Array): boolean {
    return this.#messages.has(fingerprint(payload.length, payload))
  }

  hasPing(payload: Uint8Array): boolean {
    return this.#pings.has(fingerprint(payload.length, payload))
  }
}
