import { show } from '../bytes/bytes.ts'
import type { ByteQueue } from '../bytes/byte-queue.ts'
import type { Framing } from '../exchange.ts'
import { HeaderList } from '../headers.ts'
import { HeaderSectionReader } from './header-section.ts'
import type { Limits } from '../limits.ts'
import { Unreadable } from '../parser.ts'
import type { Report } from '../finding.ts'

export interface Content {
  readonly kind: 'content'
  readonly bytes: Uint8Array
}

/** Reads one message body (RFC 9112 section 6.3). */
export interface BodyReader {
  readonly framing: Framing
  readonly trailers: HeaderList
  /** Emits the content in `input`; true once the body is complete. @throws Unreadable */
  read(input: ByteQueue, emit: (content: Content) => void): boolean
  /** Handles the end of the connection. @throws Unreadable if it cuts the body short */
  finish(): void
}

const noTrailers = new HeaderList()

/** The body of a message that ends with its header section. */
export const noBody: BodyReader = {
  framing: 'none',
  trailers: noTrailers,
  read: () => true,
  finish: () => undefined,
}

/** A body with the number of bytes in Content-Length. */
export class LengthBody implements BodyReader {
  readonly framing = 'length'
  readonly trailers = noTrailers
  readonly #length: number
  #read = 0

  constructor(length: number, limits: Limits) {
    if (length > limits.bodyBytes)
      throw new Unreadable(`more than ${limits.bodyBytes} bytes of content: Content-Length is ${length}`)
    this.#length = length
  }

  read(input: ByteQueue, emit: (content: Content) => void): boolean {
    const bytes = input.take(this.#length - this.#read)
    this.#read += bytes.length
    if (bytes.length > 0) emit({ kind: 'content', bytes })
    return this.#read === this.#length
  }

  finish(): void {
    throw new Unreadable(`the connection ended after ${this.#read} of ${this.#length} bytes of content`)
  }
}

/** A body that ends with the connection. */
export class CloseBody implements BodyReader {
  readonly framing = 'close'
  readonly trailers = noTrailers
  readonly #most: number
  #read = 0

  constructor(limits: Limits) {
    this.#most = limits.bodyBytes
  }

  read(input: ByteQueue, emit: (content: Content) => void): boolean {
    const bytes = input.take(this.#most - this.#read)
    this.#read += bytes.length
    if (bytes.length > 0) emit({ kind: 'content', bytes })
    if (input.length > 0) throw new Unreadable(`more than ${this.#most} bytes of content`)
    return false
  }

  finish(): void {
    // The end of the connection completes the body.
  }
}

/** A chunk size with optional extensions (RFC 9112 section 7.1). */
const chunkLine = /^([0-9A-Fa-f]+)([ \t]*)(;.*)?$/s
const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const chunkExtensions = new RegExp(
  `^(?:[ \\t]*;[ \\t]*${token}(?:[ \\t]*=[ \\t]*(?:${token}|"(?:[^"\\\\]|\\\\.)*"))?)*$`,
)
const mostChunkLine = 16 * 1024

/** A body in the chunked transfer coding, parsed strictly (RFC 9112 section 7.1). */
export class ChunkedBody implements BodyReader {
  readonly framing = 'chunked'
  readonly #limits: Limits
  readonly #report: Report
  #state: 'size' | 'data' | 'end of data' | 'trailers' = 'size'
  #missing = 0
  #total = 0
  #trailerReader: HeaderSectionReader
  #trailers = noTrailers

  constructor(limits: Limits, report: Report) {
    this.#limits = limits
    this.#report = report
    this.#trailerReader = new HeaderSectionReader({ limit: limits.headBytes, report })
  }

  get trailers(): HeaderList {
    return this.#trailers
  }

  read(input: ByteQueue, emit: (content: Content) => void): boolean {
    let more = true
    while (more && this.#state !== 'trailers') more = this.#readPart(input, emit)
    if (this.#state !== 'trailers') return false
    const section = this.#trailerReader.read(input)
    if (section === undefined) return false
    this.#trailers = section.headers
    return true
  }

  finish(): void {
    const read = this.#total - this.#missing
    if (this.#state === 'data')
      throw new Unreadable(`the connection ended after ${read} of ${this.#total} bytes of chunks`)
    const where = this.#state === 'trailers' ? 'in the trailer section' : 'before the last chunk'
    throw new Unreadable(`the connection ended after ${read} bytes of content, ${where}`)
  }

  #readPart(input: ByteQueue, emit: (content: Content) => void): boolean {
    if (this.#state === 'size') return this.#readSize(input)
    return this.#state === 'data' ? this.#readData(input, emit) : this.#readEndOfData(input)
  }

  #readSize(input: ByteQueue): boolean {
    const end = input.lineEnd()
    if ((end < 0 ? input.length : end) >= mostChunkLine)
      throw new Unreadable(`more than ${mostChunkLine} bytes of a chunk-size line`)
    if (end < 0) return false
    const line = input.take(end + 1)
    const text = Buffer.from(line).toString('latin1')
    if (!text.endsWith('\r\n')) this.#fail('CR LF after a chunk size', line)
    const [, digits, blanks, extensions] = chunkLine.exec(text.slice(0, -2)) ?? []
    if (digits === undefined) this.#fail('a chunk size in hexadecimal digits', line)
    if ((blanks !== '' && extensions === undefined) || !chunkExtensions.test(extensions ?? ''))
      this.#report(
        'http-chunk-grammar-sent',
        `a chunk size is followed by ${show(line.subarray(digits.length))}`,
      )
    this.#begin(digits)
    return true
  }

  #begin(digits: string): void {
    const size = Number.parseInt(digits, 16)
    if (this.#total + size > this.#limits.bodyBytes)
      throw new Unreadable(
        `more than ${this.#limits.bodyBytes} bytes of content: a chunk of 0x${digits.slice(0, 32)}`,
      )
    this.#total += size
    this.#missing = size
    this.#state = size === 0 ? 'trailers' : 'data'
  }

  #readData(input: ByteQueue, emit: (content: Content) => void): boolean {
    const bytes = input.take(this.#missing)
    this.#missing -= bytes.length
    if (bytes.length > 0) emit({ kind: 'content', bytes })
    if (this.#missing > 0) return false
    this.#state = 'end of data'
    return true
  }

  #readEndOfData(input: ByteQueue): boolean {
    if (input.length < 2) return false
    const end = input.take(2)
    if (end[0] !== 13 || end[1] !== 10) this.#fail('CR LF after the data of a chunk', end)
    this.#state = 'size'
    return true
  }

  #fail(expected: string, received: Uint8Array): never {
    const detail = `${show(received)} instead of ${expected}`
    this.#report('http-chunk-grammar-sent', detail)
    throw new Unreadable(detail)
  }
}

/**
 * The value of Content-Length, where repeated equal values count as one (RFC 9112 section 6.3, item 5); undefined if
 * there is no valid or no single value.
 */
export function contentLength(headers: HeaderList): number | undefined {
  const values = new Set((headers.get('content-length') ?? '').split(',').map((value) => value.trim()))
  const [value = ''] = values
  return values.size === 1 && /^\d+$/.test(value) ? Number(value) : undefined
}
