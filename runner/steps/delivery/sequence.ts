/** How the received texts differ from the sent ones. Numbers are positions in the sent texts, from 1. */
export interface Disorder {
  /** Sent texts that did not arrive, not even changed. */
  readonly lost: readonly number[]
  /** Texts that arrived more often than they were sent. */
  readonly repeated: readonly number[]
  /** Texts that arrived after a text that was sent later. */
  readonly outOfOrder: readonly number[]
  /** Texts that arrived changed. */
  readonly altered: readonly { readonly number: number; readonly received: string }[]
  /** Received texts that were never sent. */
  readonly foreign: readonly string[]
}

interface Matching {
  /** The numbers of the received texts that match a sent one, in the order in which they arrived. */
  readonly numbers: readonly number[]
  readonly lost: readonly number[]
  /** The received texts that match no sent one, or match one that has arrived already. */
  readonly extra: readonly Extra[]
}

interface Extra {
  /** The position in the received texts, from 0. */
  readonly index: number
  readonly text: string
  /** The number of the sent text that it repeats, if any. */
  readonly repeats: number | undefined
}

/** Compares two sequences of texts. Equal texts are distinguished by their order alone. */
export function compareSequences(sent: readonly string[], received: readonly string[]): Disorder {
  const { numbers, lost, extra } = match(sent, received)
  const missing = new Set(lost)
  const altered: { number: number; received: string }[] = []
  const markAltered = (number: number, { text }: Extra): void => {
    missing.delete(number)
    altered.push({ number, received: text })
  }
  // If as many texts arrived as were sent, an extra text in the place of a lost one is the lost one, altered.
  const unplaced = extra.filter((one) => {
    const isAltered = sent.length === received.length && missing.has(one.index + 1)
    if (isAltered) markAltered(one.index + 1, one)
    return !isAltered
  })
  const foreign = unplaced.filter((one) => {
    const [next] = missing
    if (one.repeats === undefined && next !== undefined) markAltered(next, one)
    return one.repeats === undefined && next === undefined
  })
  return {
    lost: [...missing],
    repeated: unplaced.flatMap(({ repeats }) => repeats ?? []),
    outOfOrder: outOfOrderIn(numbers),
    altered,
    foreign: foreign.map(({ text }) => text),
  }
}

function match(sent: readonly string[], received: readonly string[]): Matching {
  const unmatched = new Map<string, number[]>()
  for (const [index, text] of sent.entries()) {
    const same = unmatched.get(text)
    if (same === undefined) unmatched.set(text, [index + 1])
    else same.push(index + 1)
  }
  const lastMatch = new Map<string, number>()
  const numbers: number[] = []
  const extra: Extra[] = []
  for (const [index, text] of received.entries()) {
    const number = unmatched.get(text)?.shift()
    if (number === undefined) extra.push({ index, text, repeats: lastMatch.get(text) })
    else {
      numbers.push(number)
      lastMatch.set(text, number)
    }
  }
  return { numbers, lost: [...unmatched.values()].flat().toSorted((a, b) => a - b), extra }
}

/** The numbers that come after a higher one. */
function outOfOrderIn(numbers: readonly number[]): number[] {
  let highest = 0
  return numbers.filter((number) => {
    const isAfterHigher = number < highest
    highest = Math.max(highest, number)
    return isAfterHigher
  })
}

/** In words, to follow "with"; undefined if nothing is wrong. Without `ordered`, any order is right. */
export function describeDisorder(
  disorder: Disorder,
  { ordered, show }: { ordered: boolean; show: (text: string) => string },
): string | undefined {
  const { lost, repeated, outOfOrder, altered, foreign } = disorder
  const parts = [
    ...(lost.length === 0 ? [] : [`${listNumbers(lost)} missing`]),
    ...(repeated.length === 0 ? [] : [`${listNumbers(repeated)} repeated`]),
    ...(outOfOrder.length === 0 || !ordered ? [] : [`${listNumbers(outOfOrder)} after a later one`]),
    ...altered
      .slice(0, mostShown)
      .map(({ number, received }) => `update ${number} changed to ${show(received)}`),
    ...foreign.slice(0, mostShown).map((text) => `${show(text)}, which was not published on the channel`),
  ]
  return parts.length === 0 ? undefined : parts.join('; ')
}

const mostShown = 5

const listNumbers = (numbers: readonly number[]): string =>
  numbers.length <= mostShown
    ? `update${numbers.length === 1 ? '' : 's'} ${numbers.join(', ')}`
    : `updates ${numbers.slice(0, mostShown).join(', ')} and ${numbers.length - mostShown} more`
