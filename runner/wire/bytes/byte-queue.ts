const initialCapacity = 1024
const keptCapacity = 1024 * 1024
const LF = 10
const CR = 13

/**
 * Bytes that were received and not parsed yet. The time to append and take is linear in the number of bytes, whatever
 * the size of the pieces, and the memory is at most a few times the size of the unread bytes.
 */
export class ByteQueue {
  #bytes = new Uint8Array(initialCapacity)
  #start = 0
  #end = 0
  /** Number of bytes from the start that contain no line end. */
  #scanned = 0

  get length(): number {
    return this.#end - this.#start
  }

  append(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length)
    this.#bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** The byte at `index`; undefined if it has not arrived. */
  at(index: number): number | undefined {
    return index < this.length ? this.#bytes[this.#start + index] : undefined
  }

  /** Removes and returns the next `count` bytes, or all bytes if there are fewer. */
  take(count: number): Uint8Array {
    const until = Math.min(this.#start + count, this.#end)
    const taken = this.#bytes.slice(this.#start, until)
    this.#start = until
    this.#scanned = 0
    if (this.#start === this.#end) this.#rewind()
    return taken
  }

  /** Index of the next LF (with `crEnds`: the next CR or LF), or -1. Never scans a byte twice. */
  lineEnd(crEnds = false): number {
    for (let at = this.#start + this.#scanned; at < this.#end; at += 1) {
      const byte = this.#bytes[at]
      if (byte === LF || (crEnds && byte === CR)) return at - this.#start
      this.#scanned += 1
    }
    return -1
  }

  clear(): void {
    this.#bytes = new Uint8Array(0)
    this.#start = this.#end = this.#scanned = 0
  }

  #rewind(): void {
    this.#start = this.#end = 0
    if (this.#bytes.length > keptCapacity) this.#bytes = new Uint8Array(initialCapacity)
  }

  // The bytes move to the front only if they then fill at most half of the buffer: this keeps the cost linear.
  #makeRoom(count: number): void {
    const { length } = this
    const wanted = length + count
    if (wanted <= this.#bytes.length / 2) {
      this.#bytes.copyWithin(0, this.#start, this.#end)
    } else {
      const bytes = new Uint8Array(Math.max(initialCapacity, wanted * 2))
      bytes.set(this.#bytes.subarray(this.#start, this.#end))
      this.#bytes = bytes
    }
    this.#start = 0
    this.#end = length
  }
}
