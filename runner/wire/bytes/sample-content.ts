import { createHash } from 'node:crypto'

/** What a generated payload looks like: texts and binaries that compress well, badly, or not at all. */
export const contentKinds = ['json', 'prose', 'html', 'bitmap', 'document', 'noise'] as const
export type ContentKind = (typeof contentKinds)[number]

export const isContentKind = (value: unknown): value is ContentKind =>
  contentKinds.some((kind) => kind === value)

/** The same numbers each time: 32 bits of a linear congruential generator (Numerical Recipes). */
class Numbers {
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

const word = (numbers: Numbers): string => numbers.oneOf(words, 'word')
const sentence = (numbers: Numbers): string => {
  const text = Array.from({ length: 6 + numbers.below(12) }, () => word(numbers)).join(' ')
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}. `
}

/** One piece of each kind; a payload is as many as it takes. */
const piece: Readonly<Record<ContentKind, (numbers: Numbers) => Uint8Array>> = {
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

const bytesOf = (length: number, numbers: Numbers): Uint8Array =>
  Uint8Array.from({ length }, () => numbers.below(256))

/** Bytes that were made already; a longer payload begins like a shorter one. */
const made = new Map<ContentKind, { readonly numbers: Numbers; bytes: Uint8Array }>()

/** `length` bytes of a kind, starting at byte `from` of an endless text of that kind. */
export function sampleContent(kind: ContentKind, length: number, from = 0): Uint8Array {
  const known = made.get(kind) ?? { numbers: new Numbers(kind), bytes: new Uint8Array() }
  made.set(kind, known)
  const parts = [known.bytes]
  let size = known.bytes.length
  while (size < from + length) {
    const next = piece[kind](known.numbers)
    parts.push(next)
    size += next.length
  }
  if (parts.length > 1) known.bytes = new Uint8Array(Buffer.concat(parts))
  return known.bytes.slice(from, from + length)
}
