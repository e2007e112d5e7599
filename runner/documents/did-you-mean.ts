import { distance } from 'fastest-levenshtein'

/** Share of the letters of a name that may differ. */
const tolerance = 1 / 3

/** ` (did you mean "held"?)` if one of the known names is similar enough, otherwise the empty string. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const similar = nearestName(name, known)
  return similar === undefined ? '' : ` (did you mean ${JSON.stringify(similar)}?)`
}

/** The most similar known name, if it is similar enough. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Infinity
  for (const candidate of known) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase())
    if (steps >= least || steps > mostDifferences(name, candidate)) continue
    best = candidate
    least = steps
  }
  return best
}

/** A third of the letters, but at least one, or two if only the order differs; always fewer than the shorter name has. */
function mostDifferences(name: string, candidate: string): number {
  const least = sortedLetters(name) === sortedLetters(candidate) ? 2 : 1
  const some = Math.floor(Math.max(name.length, candidate.length) * tolerance)
  return Math.min(Math.max(least, some), Math.min(name.length, candidate.length) - 1)
}

const sortedLetters = (name: string): string => Array.from(name.toLowerCase()).toSorted().join('')
