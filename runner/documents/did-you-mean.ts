import { distance } from 'fastest-levenshtein'

/** Part of a name that may be wrong for it to still be recognised. */
const tolerance = 1 / 3

/** ` (did you mean "held"?)`, if one of the known names is close enough to be meant; else the empty string. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const meant = nearestName(name, known)
  return meant === undefined ? '' : ` (did you mean ${JSON.stringify(meant)}?)`
}

/** The known name that is closest, if it is close enough to be meant. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Infinity
  for (const candidate of known) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase())
    if (steps >= least || steps > allowed(name, candidate)) continue
    best = candidate
    least = steps
  }
  return best
}

/** A third of the letters, at least one, two if they only changed places; never as many as the shorter name has. */
function allowed(name: string, candidate: string): number {
  const least = letters(name) === letters(candidate) ? 2 : 1
  const some = Math.floor(Math.max(name.length, candidate.length) * tolerance)
  return Math.min(Math.max(least, some), Math.min(name.length, candidate.length) - 1)
}

const letters = (name: string): string => Array.from(name.toLowerCase()).toSorted().join('')
