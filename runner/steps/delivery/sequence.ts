/** How what was received differs from what was sent; numbers count from 1, as people do. */
export interface Disorder {
  /** What was sent and did not come, in no form. */
  readonly lost: readonly number[]
  /** What came more often than it was sent. */
  readonly doubled: readonly number[]
  /** What came after something that was sent later. */
  readonly late: readonly number[]
  /** What came as another text. */
  readonly altered: readonly { readonly number: number; readonly received: string }[]
  /** What came although it was never sent. */
  readonly foreign: readonly string[]
}

/** Which of the sent texts each received one is; `undefined` for one that is none of them, or once too often. */
interface Matching {
  readonly numbers: readonly number[]
  readonly lost: readonly number[]
  /** What is left over of the received ones. */
  readonly extra: readonly Extra[]
}

interface Extra {
  /** From 0, among the received ones. */
  readonly index: number
  readonly text: string
  /** The number of the one that it repeats, if it does. */
  readonly repeats: number | undefined
}

/** Compares two sequences of texts. Equal texts are told apart by their order alone. */
export function compareSequences(sent: readonly string[], received: readonly string[]): Disorder {
  const { numbers, lost, extra } = match(sent, received)
  const missing = new Set(lost)
  const altered: { number: number; received: string }[] = []
  const take = (number: number, { text }: Extra): void => {
    missing.delete(number)
    altered.push({ number, received: text })
  }
  // Where nothing else changed the number, what stands in the place of a lost one is that one, altered.
  const unplaced = extra.filter((one) => {
    const isHere = sent.length === received.length && missing.has(one.index + 1)
    if (isHere) take(one.index + 1, one)
    return !isHere
  })
  const foreign = unplaced.filter((one) => {
    const [next] = missing
    if (one.repeats === undefined && next !== undefined) take(next, one)
    return one.repeats === undefined && next === undefined
  })
  return {
    lost: [...missing],
    doubled: unplaced.flatMap(({ repeats }) => repeats ?? []),
    late: overtaken(numbers),
    altered,
    foreign: foreign.map(({ text }) => text),
  }
}

function match(sent: readonly string[], received: readonly string[]): Matching {
  const waiting = new Map<string, number[]>()
  for (const [index, text] of sent.entries()) {
    const same = waiting.get(text)
    if (same === undefined) waiting.set(text, [index + 1])
    else same.push(index + 1)
  }
  const last = new Map<string, number>()
  const numbers: number[] = []
  const extra: Extra[] = []
  for (const [index, text] of received.entries()) {
    const number = waiting.get(text)?.shift()
    if (number === undefined) extra.push({ index, text, repeats: last.get(text) })
    else {
      numbers.push(number)
      last.set(text, number)
    }
  }
  return { numbers, lost: [...waiting.values()].flat().toSorted((a, b) => a - b), extra }
}

/** Numbers that come after a higher one. */
function overtaken(numbers: readonly number[]): number[] {
  let highest = 0
  return numbers.filter((number) => {
    const isLate = number < highest
    highest = Math.max(highest, number)
    return isLate
  })
}

/** In words, or undefined where nothing is wrong. Without `ordered` any order is right. */
export function describeDisorder(
  disorder: Disorder,
  { ordered, show }: { ordered: boolean; show: (text: string) => string },
): string | undefined {
  const { lost, doubled, late, altered, foreign } = disorder
  const parts = [
    ...(lost.length === 0 ? [] : [`${some(lost)} did not come`]),
    ...(doubled.length === 0 ? [] : [`${some(doubled)} came again`]),
    ...(late.length === 0 || !ordered ? [] : [`${some(late)} came after what was published later`]),
    ...altered
      .slice(0, mostShown)
      .map(({ number, received }) => `number ${number} came as ${show(received)}`),
    ...foreign.slice(0, mostShown).map((text) => `${show(text)} came, which nobody published there`),
  ]
  return parts.length === 0 ? undefined : parts.join('; ')
}

const mostShown = 5

const some = (numbers: readonly number[]): string =>
  numbers.length <= mostShown
    ? `number ${numbers.join(', ')}`
    : `number ${numbers.slice(0, mostShown).join(', ')} and ${numbers.length - mostShown} more`
