import { createHash } from 'node:crypto'

/** Texts and binary content that compress well, badly, or not at all. */
export const contentKinds = ['json', 'prose', 'html', 'bitmap', 'document', 'noise'] as const
export type ContentKind = (typeof contentKinds)[number]

export const isContentKind = (value: unknown): value is ContentKind =>
  contentKinds.some((kind) => kind === value)

/** A reproducible 32-bit linear congruential generator (constants of Numerical Recipes). */
class NumberGenerator {
  #state: number

  constructor(seed: string) {
    this.#state = createHash('sha256').update(seed).digest().readUInt32LE()
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * limit)
  }

  oneOf<T>(values: readonly T[], otherwise: T): T {
    return values[this.below(values.length)] ?? otherwise
  }
}

const words =
  'a server holds the request until an update comes and then the client asks again for what was new since window frame message event stream ping pong close code'.split(
    ' ',
  )

const word = (numbers: NumberGenerator): string => numbers.oneOf(words, 'word')
const sentence = (numbers: NumberGenerator): string => {
  const text = Array.from({ length: 6 + numbers.below(12) }, () => word(numbers)).join(' ')
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}. `
}

/** Makes the next piece of a content; pieces are joined until there are enough bytes. */
const nextPiece: Readonly<Record<ContentKind, (numbers: NumberGenerator) => Uint8Array>> = {
  json: (numbers) =>
    Buffer.from(
      `{"id":${numbers.below(100_000)},"name":"${word(numbers)}","tags":["${word(numbers)}","${word(numbers)}"],"open":${numbers.below(2) === 1}},`,
    ),
  prose: (numbers) => Buffer.from(sentence(numbers)),
  html: (numbers) => Buffer.from(`<p class="${word(numbers)}">${sentence(numbers)}</p>\n`),
  bitmap: (numbers) => Buffer.alloc(16 + numbers.below(48), 96 + numbers.below(64)),
  document: (numbers) =>
    numbers.below(4) === 0
      ? Buffer.from(`${numbers.below(9999)} 0 obj << /Length ${numbers.below(999)} >> stream\n`)
      : bytesOf(64, numbers),
  noise: (numbers) => bytesOf(256, numbers),
}

const bytesOf = (length: number, numbers: NumberGenerator): Uint8Array =>
  Uint8Array.from({ length }, () => numbers.below(256))

/** Content generated so far; longer content starts with the same bytes. */
const generatedContent = new Map<ContentKind, { readonly numbers: NumberGenerator; bytes: Uint8Array }>()

/** `length` bytes of an endless content of this kind, from byte `from`. */
export function sampleContent(kind: ContentKind, length: number, from = 0): Uint8Array {
  const known = generatedContent.get(kind) ?? { numbers: new NumberGenerator(kind), bytes: new Uint8Array() }
  generatedContent.set(kind, known)
  const parts = [known.bytes]
  let size = known.bytes.length
  while (size < from + length) {
    const next = nextPiece[kind](known.numbers)
    parts.push(next)
    size += next.length
  }
  if (parts.length > 1) known.bytes = new Uint8Array(Buffer.concat(parts))
  return known.bytes.slice(from, from + length)
}
