import type { Case } from './chapter.ts'
import type { RegisterEntry } from './register/requirement.ts'

/** How much of one standard the cases look at. */
export interface StandardCoverage {
  /** The standard, as it names itself. */
  readonly source: string
  /** The product whose protocol it is, if it binds nobody else. */
  readonly dialect: string | undefined
  /** Requirements that a case proves. */
  readonly covered: readonly string[]
  /** Requirements that could be seen from outside. */
  readonly testable: number
  readonly total: number
  /** Not covered, with the reason that the register gives. */
  readonly reasoned: readonly { readonly id: string; readonly reason: string }[]
  /** Testable, not covered, and nobody says why. */
  readonly open: readonly RegisterEntry[]
}

const isTestable = ({ testable }: RegisterEntry): boolean => !testable.startsWith('no')

/** What the cases cover, standard by standard, in the order of the register. */
export function coverageOf(register: readonly RegisterEntry[], cases: readonly Case[]): StandardCoverage[] {
  const proved = provedRequirements(cases)
  const sources = [...new Set(register.map(({ source }) => source))]
  return sources.map((source) => {
    const rows = register.filter((row) => row.source === source)
    const uncovered = rows.filter(({ id }) => !proved.has(id))
    return {
      source,
      dialect: rows[0]?.dialect,
      covered: rows.filter(({ id }) => proved.has(id)).map(({ id }) => id),
      testable: rows.filter((row) => proved.has(row.id) || isTestable(row)).length,
      total: rows.length,
      reasoned: uncovered.flatMap(({ id, reason }) => (reason === undefined ? [] : [{ id, reason }])),
      open: uncovered.filter((row) => row.reason === undefined && isTestable(row)),
    }
  })
}

/** The ids of all requirements that a case proves. */
export const provedRequirements = (cases: readonly Case[]): ReadonlySet<string> =>
  new Set(cases.flatMap(({ proves }) => proves.map(({ id }) => id)))
