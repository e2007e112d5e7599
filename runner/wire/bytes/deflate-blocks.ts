/** Packs bits into bytes as DEFLATE does: the lowest bit of each byte first (RFC 1951 section 3.1.1). */
class BitWriter {
  readonly #bytes: number[] = []
  #bits = 0

  /** Writes `count` bits of a number, the lowest first. */
  number(value: number, count: number): void {
    for (let bit = 0; bit < count; bit += 1) this.#bit((value >> bit) & 1)
  }

  /** Writes a Huffman code, the highest bit first. */
  code(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit -= 1) this.#bit((value >> bit) & 1)
  }

  align(): void {
    this.#bits = Math.ceil(this.#bits / 8) * 8
  }

  raw(bytes: Uint8Array): void {
    this.align()
    for (const byte of bytes) this.#bytes.push(byte)
    this.#bits += bytes.length * 8
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }

  #bit(bit: number): void {
    const at = this.#bits >> 3
    this.#bytes[at] = (this.#bytes[at] ?? 0) | (bit << (this.#bits & 7))
    this.#bits += 1
  }
}

type ToBytes = (value: unknown) => Uint8Array
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Writes a DEFLATE stream as in a compressed message: it ends with an empty stored block without its last four
 * bytes (RFC 7692 section 7.2.1), unless the last block is final. A block is `{ stored: bytes }` or
 * `{ fixed: [bytes or { back, copy }, …] }`, optionally with `final: true`.
 * @throws {TypeError} for any other block
 */
export function deflateBlocks(blocks: readonly unknown[], toBytes: ToBytes): Uint8Array {
  const out = new BitWriter()
  for (const block of blocks) {
    if (!isRecord(block)) throw new TypeError('wanted a block of a DEFLATE stream')
    out.number(block['final'] === true ? 1 : 0, 1)
    if ('stored' in block) stored(out, toBytes(block['stored']))
    else if (Array.isArray(block['fixed'])) fixed(out, block['fixed'], toBytes)
    else throw new TypeError('wanted a stored or a fixed block of a DEFLATE stream')
  }
  const last = blocks.at(-1)
  if (isRecord(last) && last['final'] === true) out.align()
  // Three zero bits: the header of an empty stored block that is not the final one.
  out.number(0, 3)
  return out.bytes
}

// RFC 1951 section 3.2.4
function stored(out: BitWriter, bytes: Uint8Array): void {
  out.number(0, 2)
  out.raw(
    Uint8Array.of(bytes.length & 255, bytes.length >> 8, ~bytes.length & 255, (~bytes.length >> 8) & 255),
  )
  out.raw(bytes)
}

// RFC 1951 section 3.2.6
function fixed(out: BitWriter, parts: readonly unknown[], toBytes: ToBytes): void {
  out.number(1, 2)
  for (const part of parts) {
    if (isRecord(part) && 'back' in part) copy(out, Number(part['back']), Number(part['copy']))
    else for (const byte of toBytes(part)) literal(out, byte)
  }
  literal(out, 256)
}

function literal(out: BitWriter, symbol: number): void {
  if (symbol < 144) out.code(0x30 + symbol, 8)
  else if (symbol < 256) out.code(0x190 + symbol - 144, 9)
  else if (symbol < 280) out.code(symbol - 256, 7)
  else out.code(0xc0 + symbol - 280, 8)
}

/** The lengths that a single code expresses without extra bits: 258, and 3 to 10. */
const longestCopy = 258
const longestShortCopy = 10

/** Splits a copy into lengths that need no extra bits (RFC 1951 section 3.2.5). */
function copy(out: BitWriter, distance: number, length: number): void {
  if (!(Number.isInteger(length) && length >= 3))
    throw new TypeError(`wanted 3 bytes or more to copy, got ${length}`)
  if (!(distance >= 1 && distance <= 32768))
    throw new TypeError(`wanted a distance up to 32768, got ${distance}`)
  const { symbol, extra, base } = distanceCode(distance)
  for (let left = length; left > 0;) {
    const size = nextCopyLength(left)
    literal(out, size === longestCopy ? 285 : 254 + size)
    out.code(symbol, 5)
    out.number(distance - base, extra)
    left -= size
  }
}

/** Never leaves fewer than three bytes, the shortest possible copy. */
function nextCopyLength(left: number): number {
  if (left === longestCopy || left >= longestCopy + 3) return longestCopy
  if (left <= longestShortCopy) return left
  return left - longestShortCopy >= 3 ? longestShortCopy : left - 3
}

/** Each number of extra bits has two codes; the first four codes have no extra bits. */
function distanceCode(distance: number): { symbol: number; extra: number; base: number } {
  let base = 1
  for (let symbol = 0; ; symbol += 1) {
    const extra = Math.max(0, (symbol >> 1) - 1)
    if (distance < base + 2 ** extra) return { symbol, extra, base }
    base += 2 ** extra
  }
}
