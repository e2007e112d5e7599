import { isUtf8 } from 'node:buffer'

/** One sequence of bytes of a class, with its number in the class, from 1. */
export interface Sample {
  readonly number: number
  readonly bytes: Uint8Array
}

/**
 * Encodes a number in the scheme of UTF-8 with a given length of 1 to 6 bytes, also where RFC 3629 forbids it: in
 * overlong forms and in forms of five or six bytes.
 */
function encode(codePoint: number, length: number): Uint8Array {
  if (length === 1) return Uint8Array.of(codePoint)
  const lead = (0xff00 >> length) & 0xff
  const tail = Array.from({ length: length - 1 }, (_, index) => {
    const shift = 6 * (length - 2 - index)
    return 0x80 | (Math.floor(codePoint / 2 ** shift) & 0x3f)
  })
  return Uint8Array.of(lead | Math.floor(codePoint / 2 ** (6 * (length - 1))), ...tail)
}

/** The smallest and the greatest number that needs a given length. */
const smallest = [0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000] as const
const least = (length: number): number => smallest[length - 1] ?? 0
const greatest = (length: number): number => (length === 6 ? 2 ** 31 : least(length + 1)) - 1

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)
const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))
const text = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value))
const shortOf = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, -1)
const spaced = (leads: readonly number[]): Uint8Array =>
  Uint8Array.from(leads.flatMap((lead) => [lead, 0x20]))

const incomplete = [
  ...range(2, 6).map((length) => shortOf(encode(0, length))),
  ...range(2, 6).map((length) => shortOf(encode(length === 4 ? 0x1fffff : greatest(length), length))),
]
const highSurrogates = [0xd800, 0xdb7f, 0xdb80, 0xdbff]
const greek = text('\u03ba\u1f79\u03c3\u03bc\u03b5')

const classes: Readonly<Record<string, () => readonly Uint8Array[]>> = {
  words: () =>
    ['hello$world', 'hello\u00a2world', 'hello\u20acworld', 'hello\u{24b62}world'].map(text).concat([greek]),
  prefixes: () => range(1, greek.length).map((length) => greek.subarray(0, length)),
  'first of each length': () => range(1, 4).map((length) => encode(least(length), length)),
  'first of five and six bytes': () => [5, 6].map((length) => encode(least(length), length)),
  'last of each length': () =>
    range(1, 4).map((length) => encode(Math.min(greatest(length), 0x10ffff), length)),
  'last beyond U+10FFFF': () => range(4, 6).map((length) => encode(greatest(length), length)),
  boundaries: () => [
    ...[0xd7ff, 0xe000, 0xfffd].map((codePoint) => encode(codePoint, 3)),
    ...[0x10ffff, 0x110000].map((codePoint) => encode(codePoint, 4)),
  ],
  'lone continuation bytes': () => [
    Uint8Array.of(0x80),
    Uint8Array.of(0xbf),
    ...range(2, 6).map((count) =>
      Uint8Array.from(range(1, count), (place) => (place % 2 === 1 ? 0x80 : 0xbf)),
    ),
    Uint8Array.from(range(0x80, 0xbe)),
  ],
  'every continuation byte': () => [Uint8Array.from(range(0x80, 0xbf))],
  'lone lead bytes': () => [
    spaced(range(0xc0, 0xde)),
    spaced(range(0xe0, 0xee)),
    spaced(range(0xf0, 0xf6)),
    spaced(range(0xf8, 0xfa)),
    spaced([0xfc]),
  ],
  'last lead byte of each length': () => [0xdf, 0xef, 0xf7, 0xfb, 0xfd].map((lead) => spaced([lead])),
  'last byte missing': () => incomplete,
  'sequences cut short in a row': () => [joined(incomplete)],
  'bytes of no sequence': () => [
    Uint8Array.of(0xfe),
    Uint8Array.of(0xff),
    Uint8Array.of(0xfe, 0xfe, 0xff, 0xff),
  ],
  'overlong slash': () => range(2, 6).map((length) => encode(0x2f, length)),
  'greatest overlong': () => range(2, 6).map((length) => encode(least(length) - 1, length)),
  'overlong NUL': () => range(2, 6).map((length) => encode(0, length)),
  'single surrogates': () =>
    [...highSurrogates, 0xdc00, 0xdf80, 0xdfff].map((codePoint) => encode(codePoint, 3)),
  'paired surrogates': () =>
    highSurrogates.flatMap((high) =>
      [0xdc00, 0xdfff].map((low) => joined([encode(high, 3), encode(low, 3)])),
    ),
  noncharacters: () =>
    range(0, 16).flatMap((plane) =>
      [0xfffe, 0xffff].map((last) => text(String.fromCodePoint(plane * 0x10000 + last))),
    ),
  specials: () => range(0xfff9, 0xffff).map((codePoint) => encode(codePoint, 3)),
  'byte order mark': () => [text('\ufeff'), text('\ufeffafter it'), text('before it\ufeff')],
  'not normalised': () => [text('e\u0301 \u00e9'), text('\u212b \u00c5 A\u030a'), text('\ufb01 fi')],
}

/** The values of `utf-8:` in a row of `vary`. */
export const utf8SampleClasses: readonly string[] = Object.keys(classes)

/** The sequences of a class; with `valid` only valid or only invalid UTF-8. */
export function utf8Samples(name: string, valid: boolean | undefined): Sample[] {
  return (classes[name]?.() ?? [])
    .map((bytes, index) => ({ number: index + 1, bytes }))
    .filter(({ bytes }) => valid === undefined || isUtf8(bytes) === valid)
}
