/** Stands in every report and message where a secret was. */
export const secretMarker = '[secret]'

/** Derived forms of a secret, and beginnings of one, that are shorter than this would match innocent text. */
const shortestMatch = 4

type Range = [start: number, end: number]

/** Replaces secrets in texts and bytes: as they are, in base64 at any offset, percent-encoded and JSON-escaped. */
export class Redactor {
  readonly #textForms: readonly string[]
  /** The UTF-8 bytes of each form as latin1: one character for each byte. */
  readonly #byteForms: readonly string[]

  constructor(secrets: readonly string[]) {
    this.#textForms = [...new Set(secrets.flatMap(formsOf))]
    this.#byteForms = [...new Set(this.#textForms.map((form) => Buffer.from(form).toString('latin1')))]
  }

  /** Whether there is no secret to look for. */
  get isEmpty(): boolean {
    return this.#textForms.length === 0
  }

  /** Length of the longest form of a secret, in bytes. */
  get longestForm(): number {
    return Math.max(0, ...this.#byteForms.map((form) => form.length))
  }

  text(text: string): string {
    return replaceRanges(text, this.#ranges(text, this.#textForms))
  }

  /** The value with every string in it redacted, also keys of objects. */
  json(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((item) => this.json(item))
    return typeof value === 'object' && value !== null ? this.members(value) : value
  }

  members(object: object): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(object).map(([key, value]) => [this.text(key), this.json(value)]),
    )
  }

  /**
   * Parts of one sequence of bytes, in order; a part without any piece of a secret is returned as it is.
   * With `isTruncated` the last part may end within a secret.
   */
  parts(parts: readonly Uint8Array[], isTruncated: boolean): Uint8Array[] {
    const texts = parts.map(toLatin1)
    const ranges = this.#ranges(texts.join(''), this.#byteForms, isTruncated)
    if (ranges.length === 0) return [...parts]
    let start = 0
    return parts.map((part, index) => {
      const text = texts[index] ?? ''
      const here = ranges.map(([from, to]): Range => [from - start, to - start])
      start += text.length
      const shown = replaceRanges(text, here)
      return shown === text ? part : Buffer.from(shown, 'latin1')
    })
  }

  /** Whether the bytes contain a secret or end within one. */
  matches(bytes: Uint8Array): boolean {
    return this.#ranges(toLatin1(bytes), this.#byteForms, true).length > 0
  }

  #ranges(text: string, forms: readonly string[], isTruncated = false): Range[] {
    return merged(
      forms.flatMap((form) => [
        ...occurrences(text, form),
        ...(isTruncated ? beginningAtEnd(text, form) : []),
      ]),
    )
  }
}

const toLatin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

function formsOf(secret: string): string[] {
  if (secret === '') return []
  const derived = [...base64Forms(secret), ...percentForms(secret), JSON.stringify(secret).slice(1, -1)]
  return [secret, ...derived.filter((form) => form.length >= shortestMatch)]
}

/**
 * The part of the base64 form of any text with `secret` in it that depends on `secret` alone: one form for each of
 * the three offsets at which `secret` can begin in a group of three bytes.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const inner = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const whole = Math.floor(((offset + bytes.length) * 8) / 6)
    return text.slice(Math.ceil((offset * 8) / 6), whole)
  })
  const all = [bytes.toString('base64'), ...inner]
  return [...all, ...all.map((form) => form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))]
}

function percentForms(secret: string): string[] {
  // Lone surrogates become U+FFFD, as they do on the wire.
  const text = Buffer.from(secret).toString()
  const encoded = encodeURIComponent(text)
  const strict = encoded.replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
  const upper = [encoded, strict, encoded.replaceAll('%20', '+'), encodeURI(text)]
  return [...upper, ...upper.map((form) => form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))]
}

function occurrences(text: string, form: string): Range[] {
  const found: Range[] = []
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    found.push([at, at + form.length])
  return found
}

/** The beginning of a form at the end of a truncated text. */
function beginningAtEnd(text: string, form: string): Range[] {
  for (let size = Math.min(form.length - 1, text.length); size >= shortestMatch; size--)
    if (text.endsWith(form.slice(0, size))) return [[text.length - size, text.length]]
  return []
}

/** The ranges in order, with those that overlap or touch joined. */
function merged(ranges: readonly Range[]): Range[] {
  const out: Range[] = []
  for (const [start, end] of ranges.toSorted((one, other) => one[0] - other[0])) {
    const last = out.at(-1)
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end)
    else out.push([start, end])
  }
  return out
}

/** `text` with a marker for each range; a range may begin before `text` or end after it. */
function replaceRanges(text: string, ranges: readonly Range[]): string {
  let out = ''
  let at = 0
  for (const [from, to] of ranges) {
    if (to <= 0 || from >= text.length) continue
    out += text.slice(at, Math.max(from, at)) + secretMarker
    at = Math.min(to, text.length)
  }
  return out + text.slice(at)
}
