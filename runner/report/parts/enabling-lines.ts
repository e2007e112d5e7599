import type { EnablingLine, EnablingLines } from '../../run/selection/enabling-lines.ts'
import type { RunStart } from '../reporter.ts'
import type { Tally } from '../summary.ts'

/** How many cases were judged, and the lines of the target description that would enable more. */
export interface JudgedShare {
  readonly headline: string
  readonly best: readonly EnablingLine[]
  /** All other lines that enable cases, also lines for other endpoints. */
  readonly others: readonly EnablingLine[]
}

const many = ['', '', 'these two lines', 'these three lines']

function adviceOf({ best, together }: EnablingLines, target: string): string {
  if (best.length === 0) return '.'
  const file = /\.ya?ml$/i.test(target) ? target : 'a target description (pushspec init writes one)'
  return best.length === 1
    ? `; this line in ${file} enables ${together} more:`
    : `; ${many[best.length]} in ${file} enable ${together} more:`
}

/** For comparison: quotes do not matter. */
const unquoted = (line: string): string => line.replaceAll(/["']/g, '')

/** Undefined if no case was skipped, if only a part of the selected cases was played, and for reports of earlier versions. */
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

/** `enables 12 cases`. */
export const enabledCases = ({ opens, helps }: EnablingLine): string =>
  opens > 0 ? `enables ${casesInWords(opens)}` : `enables ${casesInWords(helps)}, with other lines`
