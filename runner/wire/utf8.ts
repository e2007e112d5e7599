interface Expected {
  /** Continuation bytes that follow. */
  readonly count: number
  /** Bounds of the first of them: they keep out overlong forms, surrogates and what is above U+10FFFF. */
  readonly low: number
  readonly high: number
}

/** RFC 3629 section 4: what may follow a lead byte; undefined if the byte cannot lead. */
function expectedAfter(lead: number): Expected | undefined {
  if (lead < 0x80) return { count: 0, low: 0, high: 0 }
  if (lead >= 0xc2 && lead <= 0xdf) return { count: 1, low: 0x80, high: 0xbf }
  if (lead === 0xe0) return { count: 2, low: 0xa0, high: 0xbf }
  if (lead === 0xed) return { count: 2, low: 0x80, high: 0x9f }
  if (lead >= 0xe1 && lead <= 0xef) return { count: 2, low: 0x80, high: 0xbf }
  if (lead === 0xf0) return { count: 3, low: 0x90, high: 0xbf }
  if (lead >= 0xf1 && lead <= 0xf3) return { count: 3, low: 0x80, high: 0xbf }
  if (lead === 0xf4) return { count: 3, low: 0x80, high: 0x8f }
  return undefined
}

/** Says of bytes that come in pieces whether they are UTF-8 so far (RFC 3629). */
export class Utf8Validator {
  #valid = true
  #missing = 0
  #low = 0x80
  #high = 0xbf

  /** False from the first byte on that no continuation could make valid. */
  push(bytes: Uint8Array): boolean {
    for (const byte of bytes) {
      if (!this.#valid) return false
      if (this.#missing > 0) this.#continue(byte)
      else if (byte >= 0x80) this.#lead(byte)
    }
    return this.#valid
  }

  /** Whether what came is valid and ends at the end of a character. */
  get complete(): boolean {
    return this.#valid && this.#missing === 0
  }

  #lead(byte: number): void {
    const expected = expectedAfter(byte)
    if (expected === undefined) {
      this.#valid = false
      return
    }
    this.#missing = expected.count
    this.#low = expected.low
    this.#high = expected.high
  }

  #continue(byte: number): void {
    this.#valid = byte >= this.#low && byte <= this.#high
    this.#missing -= 1
    this.#low = 0x80
    this.#high = 0xbf
  }
}
