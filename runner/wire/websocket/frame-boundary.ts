import { decodeHeader, headerSize } from './frame.ts'

/** Follows the frames in written bytes, to tell whether another frame may follow at this point (RFC 6455 section 5.2). */
export class FrameBoundary {
  #header: Uint8Array = new Uint8Array()
  /** Bytes of the payload of the current frame that are still to come. */
  #left = 0n

  /** Adds bytes that were written. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += this.#take(bytes.subarray(at))
  }

  /** Every frame that was begun is complete. */
  get isBetweenFrames(): boolean {
    return this.#left === 0n && this.#header.length === 0
  }

  /** Takes bytes of one header or one payload; returns their number. */
  #take(bytes: Uint8Array): number {
    if (this.#left > 0n) {
      const count = this.#left < BigInt(bytes.length) ? Number(this.#left) : bytes.length
      this.#left -= BigInt(count)
      return count
    }
    const before = this.#header.length
    const header = Buffer.concat([this.#header, bytes.subarray(0, 14 - before)])
    const [, second] = header
    const size = second === undefined ? 2 : headerSize(second)
    if (header.length < size) {
      this.#header = header
      return header.length - before
    }
    this.#left = decodeHeader(header.subarray(0, size)).length
    this.#header = new Uint8Array()
    return size - before
  }
}
