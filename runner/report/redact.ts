import type { Result } from '../run/result.ts'
import type { ByteRun } from '../wire/bytes/run-length.ts'
import type { Entry } from '../wire/transcript.ts'

/** What stands in reports where a secret was. */
export const secretMarker = '[secret]'
/** Derived forms of a shorter secret, or fragments of this size, would hit innocent text. */
const shortest = 4

type Range = [start: number, end: number]

/**
 * What stays of `secret` in the base64 form of any text that contains it: one form for each of the three
 * offsets at which it can stand, without the characters that also depend on its neighbours.
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

function formsOf(secret: string): string[] {
  if (secret === '') return []
  const derived = [...base64Forms(secret), ...percentForms(secret), JSON.stringify(secret).slice(1, -1)]
  return [secret, ...derived.filter((form) => form.length >= shortest)]
}

const allForms = (secrets: readonly string[]): string[] => [...new Set(secrets.flatMap(formsOf))]

function occurrences(text: string, form: string): Range[] {
  const found: Range[] = []
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    found.push([at, at + form.length])
  return found
}

/** The beginning of a form at the very end of a text that was cut there. */
function severed(text: string, form: string): Range[] {
  for (let size = Math.min(form.length - 1, text.length); size >= shortest; size--)
    if (text.endsWith(form.slice(0, size))) return [[text.length - size, text.length]]
  return []
}

function merged(ranges: Range[]): Range[] {
  const sorted = ranges.toSorted((one, other) => one[0] - other[0])
  const out: Range[] = []
  for (const [start, end] of sorted) {
    const last = out.at(-1)
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end)
    else out.push([start, end])
  }
  return out
}

/** The part of `text` from `start` to `end`, with a marker for each run that lies in one of `ranges`. */
function replaced(text: string, ranges: readonly Range[], start = 0, end = text.length): string {
  let out = ''
  let at = start
  for (const [from, to] of ranges) {
    if (to <= start || from >= end) continue
    out += text.slice(at, Math.max(from, at)) + secretMarker
    at = Math.min(to, end)
  }
  return out + text.slice(at, end)
}

/** Strings anywhere in a JSON-like value, keys of objects included. */
function deep(value: unknown, text: (text: string) => string): unknown {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map((item) => deep(item, text))
  return typeof value === 'object' && value !== null ? deepMembers(value, text) : value
}

function deepMembers(value: object, text: (text: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), deep(item, text)]))
}

/** Entries whose bytes follow each other on the wire: one actor, one direction, nothing cut out in between. */
function streams(entries: readonly Entry[]): Entry[][] {
  const open = new Map<string, Entry[]>()
  const all: Entry[][] = []
  for (const entry of entries) {
    if (entry.bytes.length === 0 && entry.length === 0) continue
    const key = `${entry.direction} ${entry.actor}`
    const stream = open.get(key) ?? []
    if (stream.length === 0) all.push(stream)
    stream.push(entry)
    if (entry.length > entry.bytes.length) open.delete(key)
    else open.set(key, stream)
  }
  return all
}

const toLatin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** The bytes to show instead, for those entries of one stream that hold a part of a secret. */
function cleanStream(stream: readonly Entry[], forms: readonly string[]): Map<Entry, Uint8Array> {
  const texts = stream.map((entry) => toLatin1(entry.bytes))
  const text = texts.join('')
  const last = stream.at(-1)
  const isCut = last !== undefined && last.length > last.bytes.length
  const ranges = merged(
    forms.flatMap((form) => [...occurrences(text, form), ...(isCut ? severed(text, form) : [])]),
  )
  const cleaned = new Map<Entry, Uint8Array>()
  if (ranges.length === 0) return cleaned
  let start = 0
  for (const [index, entry] of stream.entries()) {
    const end = start + (texts[index]?.length ?? 0)
    const shown = replaced(text, ranges, start, end)
    if (shown !== texts[index]) cleaned.set(entry, Buffer.from(shown, 'latin1'))
    start = end
  }
  return cleaned
}

/** Whether there is a secret, or the beginning of one at the end, in bytes that are told in pieces. */
function holdsAny(pieces: readonly ByteRun[], forms: readonly string[]): boolean {
  const longest = Math.max(...forms.map((form) => form.length))
  const parts = pieces.map(({ bytes, length }) => {
    // Of what repeats, as much as shows everything that can stand in it and at its ends.
    const enough = longest + bytes.length
    return Buffer.alloc(length <= enough ? length : enough + ((length - enough) % bytes.length), bytes)
  })
  const whole = toLatin1(Buffer.concat(parts))
  return forms.some((form) => whole.includes(form) || severed(whole, form).length > 0)
}

/** Takes secrets, as they are and in the forms in which they travel, out of one text. */
export function textRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = allForms(secrets)
  if (forms.length === 0) return (shown) => shown
  return (shown) => replaced(shown, merged(forms.flatMap((form) => occurrences(shown, form))))
}

/**
 * Takes secrets out of every text and byte that a result shows: as they are, in base64 at any offset, percent-
 * encoded and JSON-escaped, also when they are spread over several writes. What only a chapter can say
 * (id, verdict, level, basis, protocol, requirements) stays as it is.
 */
export function redactor(secrets: readonly string[]): (result: Result) => Result {
  const forms = allForms(secrets)
  if (forms.length === 0) return (result) => result
  const wireForms = [...new Set(forms.map((form) => Buffer.from(form).toString('latin1')))]
  const text = textRedactor(secrets)

  return (result) => {
    const cleaned = new Map(
      streams(result.transcript).flatMap((stream) => [...cleanStream(stream, wireForms)]),
    )
    return {
      ...result,
      instance: text(result.instance),
      params: deepMembers(result.params, text),
      title: text(result.title),
      chapter: text(result.chapter),
      reason: text(result.reason),
      expected: text(result.expected),
      observed: text(result.observed),
      step: result.step && { ...result.step, at: text(result.step.at) },
      enable: text(result.enable),
      transcript: result.transcript.map((entry) => {
        const { pieces, ...rest } = entry
        const bytes = cleaned.get(entry) ?? entry.bytes
        // What was cut off before stays the difference of the two.
        const length = entry.length - entry.bytes.length + bytes.length
        const isClean = pieces !== undefined && !cleaned.has(entry) && !holdsAny(pieces, wireForms)
        const kept = {
          ...(isClean ? { pieces } : {}),
          ...(rest.url === undefined ? {} : { url: text(rest.url) }),
        }
        return { ...rest, actor: text(rest.actor), what: text(rest.what), bytes, length, ...kept }
      }),
    }
  }
}
