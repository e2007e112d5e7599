import { isNativeError } from 'node:util/types'
import { constants, deflateRawSync, inflateRawSync, type InflateRaw } from 'node:zlib'
import { join } from '../bytes/bytes.ts'

/** Negotiated options of one direction of permessage-deflate (RFC 7692 section 7.1). */
export interface DeflateOptions {
  /** Window size as a power of two: 8 to 15 (default: 15). */
  readonly windowBits?: number
  /** Each message starts with an empty window (default: false). */
  readonly noContextTakeover?: boolean
}

export interface InflaterOptions extends DeflateOptions {
  /** Largest size of one inflated message, in bytes. */
  readonly most: number
}

export type InflateResult =
  /** `isPadded`: the data ended where a sender removes an empty block (RFC 7692 section 7.2.1). */
  | { readonly bytes: Uint8Array; readonly isPadded: boolean }
  | { readonly problem: string; readonly overLimit: boolean }

/** The bytes that a sender removes and a receiver appends (RFC 7692 section 7.2). */
const tail = Uint8Array.of(0x00, 0x00, 0xff, 0xff)
/** An empty final block, which can be reached only if the data before it is complete. */
const finalBlock = Uint8Array.of(0x01, 0x00, 0x00, 0xff, 0xff)
const ending = join([tail, finalBlock])

/** A message may contain several final blocks. Each needs a new zlib engine, so their number is limited. */
const mostStreams = 1000

/** The message is larger than the limit. */
class TooLarge extends Error {}

/** Inflates the messages of one sender, in order. */
export class Inflater {
  readonly #windowBits: number
  readonly #noContextTakeover: boolean
  readonly #most: number
  #window = new Uint8Array()

  constructor({ windowBits = 15, noContextTakeover = false, most }: InflaterOptions) {
    this.#windowBits = checkedBits(windowBits)
    this.#noContextTakeover = noContextTakeover
    this.#most = most
  }

  /** After a problem the window is unknown, and later messages may be inflated wrongly. */
  inflate(payload: Uint8Array): InflateResult {
    if (payload.length === 0) return { bytes: payload, isPadded: false }
    const parts: Uint8Array[] = []
    try {
      const isPadded = this.#inflateStreams(join([payload, ending]), parts)
      return { bytes: join(parts), isPadded }
    } catch (error) {
      return asProblem(error, this.#most)
    } finally {
      if (this.#noContextTakeover) this.#window = new Uint8Array()
    }
  }

  /** Inflates all DEFLATE streams; false if the last final block is part of the payload and no padding follows it. */
  #inflateStreams(data: Uint8Array, parts: Uint8Array[]): boolean {
    let rest = data
    let room = this.#most
    for (let streams = 0; streams < mostStreams; streams += 1) {
      const { bytes, consumed } = this.#inflateStream(rest, room)
      parts.push(bytes)
      room -= bytes.length
      this.#remember(bytes)
      rest = rest.subarray(consumed)
      if (rest.length === 0) return true
      if (rest.length === ending.length) return false
      if (rest.length < ending.length) throw new Error('a block extends beyond the end of the data')
    }
    throw new Error(`more than ${mostStreams} final blocks in one message`)
  }

  #inflateStream(data: Uint8Array, room: number): { bytes: Uint8Array; consumed: number } {
    const { buffer, engine } = inflateWithInfo(data, {
      windowBits: this.#windowBits,
      chunkSize: chunkSize(this.#windowBits),
      maxOutputLength: Math.max(room, 1),
      ...(this.#window.length > 0 && { dictionary: this.#window }),
    })
    if (buffer.length > room) throw new TooLarge()
    return { bytes: buffer, consumed: engine.bytesWritten }
  }

  #remember(bytes: Uint8Array): void {
    this.#window = lastBytes(this.#window, bytes, this.#windowBits)
  }
}

/** Compresses messages as an endpoint of permessage-deflate sends them. */
export class Deflater {
  readonly #windowBits: number
  readonly #noContextTakeover: boolean
  #window = new Uint8Array()

  constructor({ windowBits = 15, noContextTakeover = false }: DeflateOptions = {}) {
    this.#windowBits = checkedBits(windowBits)
    this.#noContextTakeover = noContextTakeover
  }

  /** Compresses, aligns to a byte, and removes the tail of four bytes (RFC 7692 section 7.2.1). */
  deflate(payload: Uint8Array): Uint8Array {
    // Section 7.2.3.6: zlib flushes nothing for an empty message.
    if (payload.length === 0) return Uint8Array.of(0)
    const bytes = deflateRawSync(payload, {
      // zlib does not support a window of 256 bytes when it deflates. With 512 it looks back at most 250 bytes.
      windowBits: Math.max(this.#windowBits, 9),
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#window.length > 0 && { dictionary: this.#window }),
    })
    if (!this.#noContextTakeover) this.#window = lastBytes(this.#window, payload, this.#windowBits)
    return new Uint8Array(bytes.subarray(0, -tail.length))
  }
}

/** With `info`, zlib returns its engine, too; the type declarations lack this. */
function inflateWithInfo(data: Uint8Array, options: object): { buffer: Uint8Array; engine: InflateRaw } {
  const result: unknown = inflateRawSync(data, { ...options, info: true })
  if (isInfo(result)) return result
  throw new TypeError('zlib returned no engine')
}

function isInfo(result: unknown): result is { buffer: Uint8Array; engine: InflateRaw } {
  return typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result
}

// zlib detects a reference beyond the window only across chunks of output, so small windows need small chunks.
function chunkSize(windowBits: number): number {
  return windowBits === 15 ? 16 * 1024 : Math.max(64, 2 ** windowBits / 8)
}

function lastBytes(window: Uint8Array, bytes: Uint8Array, windowBits: number): Uint8Array<ArrayBuffer> {
  const size = 2 ** windowBits
  if (bytes.length >= size) return bytes.slice(-size)
  return new Uint8Array(join([window.subarray(-(size - bytes.length)), bytes]))
}

function asProblem(error: unknown, most: number): InflateResult {
  if (!isNativeError(error)) throw error
  if (error instanceof TooLarge || ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'))
    return { problem: `more than ${most} bytes of one message after inflation`, overLimit: true }
  return { problem: error.message, overLimit: false }
}

function checkedBits(windowBits: number): number {
  if (Number.isInteger(windowBits) && windowBits >= 8 && windowBits <= 15) return windowBits
  throw new RangeError(`wanted 8 to 15 window bits, got ${windowBits}`)
}
