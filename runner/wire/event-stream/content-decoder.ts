import {
  type BrotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  type Gunzip,
} from 'node:zlib'

type Decoder = Gunzip | BrotliDecompress

const decoders: Readonly<Record<string, () => Decoder>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** Decodes a content coding while the content arrives (RFC 9110 section 8.4). */
export class ContentDecoder {
  readonly #most: number
  readonly #out: (bytes: Uint8Array) => void
  #decoder: Decoder | undefined
  #size = 0
  #broken: string | undefined

  /** @param most decoded bytes after which decoding stops with an error */
  constructor(most: number, out: (bytes: Uint8Array) => void) {
    this.#most = most
    this.#out = out
  }

  /** @param coding the Content-Encoding; with none or an unknown one the bytes are passed on unchanged */
  push(bytes: Uint8Array, coding: string | undefined): void {
    const make = decoders[coding?.trim().toLowerCase() ?? '']
    if (make === undefined) return this.#out(bytes)
    this.#decoder ??= this.#open(make())
    if (this.#broken === undefined) this.#decoder.write(bytes)
  }

  /** Resolves when everything is decoded, with the error if there was one. Incomplete coded data is no error. */
  async end(): Promise<string | undefined> {
    const decoder = this.#decoder
    if (decoder === undefined || this.#broken !== undefined) return this.#broken
    await new Promise<void>((resolve) => decoder.flush(() => resolve()))
    decoder.destroy()
    return this.#broken
  }

  #open(decoder: Decoder): Decoder {
    decoder.on('data', (bytes: Buffer) => this.#take(decoder, bytes))
    decoder.on('error', (error) => (this.#broken ??= `the content coding is broken: ${error.message}`))
    return decoder
  }

  #take(decoder: Decoder, bytes: Buffer): void {
    this.#size += bytes.length
    if (this.#size <= this.#most) return this.#out(bytes)
    this.#broken = `more than ${this.#most} bytes after content decoding`
    decoder.destroy()
  }
}
