import type { Case } from './chapter.ts'
import type { RegisterEntry } from './register/requirement.ts'

/** Which requirements of one standard the cases prove. */
export interface StandardCoverage {
  /** The name of the standard: `RFC 6455`. */
  readonly source: string
  /** The product, if this is the protocol of a single product. */
  readonly dialect: string | undefined
  /** Ids of requirements that a case proves. */
  readonly covered: readonly string[]
  /** Number of requirements that a test from outside can observe. */
  readonly testable: number
  readonly total: number
  /** Requirements that are not covered, with the reason in the register. */
  readonly reasoned: readonly { readonly id: string; readonly reason: string }[]
  /** Testable requirements that are not covered, without a reason. */
  readonly open: readonly RegisterEntry[]
}

const isTestable = ({ testable }: RegisterEntry): boolean => !testable.startsWith('no')

/** The coverage of each standard, in the order of the register. */
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
