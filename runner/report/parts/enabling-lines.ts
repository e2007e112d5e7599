import type { Opening, Openings } from '../../run/selection/enabling-lines.ts'
import type { RunStart } from '../reporter.ts'
import type { Tally } from '../summary.ts'

/** How much of a target was judged, and the lines of its description that would open more. */
export interface JudgedShare {
  readonly headline: string
  readonly best: readonly Opening[]
  /** The other lines that open something, and other endpoints. */
  readonly others: readonly Opening[]
}

const many = ['', '', 'these two lines', 'these three lines']

function adviceOf({ best, together }: Openings, target: string): string {
  if (best.length === 0) return '.'
  const file = /\.ya?ml$/i.test(target) ? target : 'a target description (pushspec init writes one)'
  return best.length === 1
    ? `; this line in ${file} opens ${together} more:`
    : `; ${many[best.length]} in ${file} open ${together} more:`
}

/** The same line, however its texts are quoted. */
const unquoted = (line: string): string => line.replaceAll(/["']/g, '')

/** Undefined where a part was played that says nothing of the whole, and in reports of earlier versions. */
export function judgedShare(run: RunStart | undefined, tally: Tally): JudgedShare | undefined {
  const { pass, fail, warn, skip } = tally.summary
  if (run?.openings === undefined || skip === 0 || tally.total < run.openings.selected) return undefined
  const { openings, target } = run
  const known = new Set(openings.best.map(({ line }) => unquoted(line)))
  return {
    headline: `${pass + fail + warn} of ${openings.concerned} cases judged${adviceOf(openings, target)}`,
    best: openings.best,
    others: openings.all.filter(({ line }) => !known.has(unquoted(line))),
  }
}

export const casesInWords = (count: number): string => (count === 1 ? '1 case' : `${count} cases`)

/** `opens 12 cases`. */
export const enabledCases = ({ opens, helps }: Opening): string =>
  opens > 0 ? `opens ${casesInWords(opens)}` : `opens ${casesInWords(helps)}, with other lines`
