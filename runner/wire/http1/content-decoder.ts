import {
  type BrotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  type Gunzip,
} from 'node:zlib'

type Coder = Gunzip | BrotliDecompress

const coders: Readonly<Record<string, () => Coder>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** Takes a content coding off while the content arrives (RFC 9110 section 8.4); without one, bytes pass as they are. */
export class ContentDecoder {
  readonly #most: number
  readonly #out: (bytes: Uint8Array) => void
  #coder: Coder | undefined
  #size = 0
  #broken: string | undefined

  /** @param most decoded bytes after which reading ends */
  constructor(most: number, out: (bytes: Uint8Array) => void) {
    this.#most = most
    this.#out = out
  }

  /** A coding that is not known leaves the bytes as they are. */
  push(bytes: Uint8Array, coding: string | undefined): void {
    const make = coders[coding?.trim().toLowerCase() ?? '']
    if (make === undefined) return this.#out(bytes)
    this.#coder ??= this.#open(make())
    if (this.#broken === undefined) this.#coder.write(bytes)
  }

  /** Resolves when all is decoded, with what was wrong with the coding. An end that is missing is no fault of a stream. */
  async end(): Promise<string | undefined> {
    const coder = this.#coder
    if (coder === undefined || this.#broken !== undefined) return this.#broken
    await new Promise<void>((resolve) => coder.flush(() => resolve()))
    coder.destroy()
    return this.#broken
  }

  #open(coder: Coder): Coder {
    coder.on('data', (bytes: Buffer) => this.#take(coder, bytes))
    coder.on('error', (error) => (this.#broken ??= `the content coding is broken: ${error.message}`))
    return coder
  }

  #take(coder: Coder, bytes: Buffer): void {
    this.#size += bytes.length
    if (this.#size <= this.#most) return this.#out(bytes)
    this.#broken = `more than ${this.#most} bytes behind a content coding`
    coder.destroy()
  }
}
