import type { Case } from './chapter.ts'
import { levels, type RegisterEntry } from './register/requirement.ts'

/** Which requirements of one standard the cases prove. */
export interface StandardCoverage {
  /** The name of the standard: `RFC 6455`. */
  readonly source: string
  /** The product, if this is the protocol of a single product. */
  readonly dialect: string | undefined
  /** Ids of requirements that a case proves or, if they are optional, that a freedom permits. */
  readonly covered: readonly string[]
  /** Number of requirements that a test from outside can observe. */
  readonly testable: number
  readonly total: number
  /** Requirements that are not covered, with the reason in the register. */
  readonly reasoned: readonly { readonly id: string; readonly reason: string }[]
  /** Testable requirements that are not covered, without a reason. */
  readonly open: readonly RegisterEntry[]
}

/** What coverage needs of a freedom: the requirements which permit it. */
export interface Permitted {
  readonly permits: readonly string[]
}

const isOptional = (level: string): boolean => levels.MAY.some((name) => name === level)

const isTestable = ({ testable }: RegisterEntry): boolean => !testable.startsWith('no')

/**
 * The coverage of each standard, in the order of the register.
 * @param freedoms the conforming variants of the reference server, each with the requirements that permit it
 */
export function coverageOf(
  register: readonly RegisterEntry[],
  cases: readonly Case[],
  freedoms: readonly Permitted[] = [],
): StandardCoverage[] {
  const permitted = new Set(freedoms.flatMap(({ permits }) => permits))
  const optional = register.filter(({ id, level }) => isOptional(level) && permitted.has(id))
  const proved = new Set([...provedRequirements(cases), ...optional.map(({ id }) => id)])
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

/**
 * A message for each optional requirement that is not used by a freedom, not proved by a case, and has no reason, and for
 * each that a freedom names although it is not optional.
 */
export function permissionProblems(
  register: readonly RegisterEntry[],
  cases: readonly Case[],
  freedoms: readonly (Permitted & { readonly id: string })[],
): string[] {
  const permitted = new Set(freedoms.flatMap(({ permits }) => permits))
  const proved = provedRequirements(cases)
  const unused = register.filter(
    ({ id, level, reason }) =>
      isOptional(level) && !permitted.has(id) && !proved.has(id) && reason === undefined,
  )
  const optional = new Set(register.filter(({ level }) => isOptional(level)).map(({ id }) => id))
  return [
    ...unused.map(({ id }) => `"${id}" is optional, but no freedom permits it and no "reason" says why`),
    ...freedoms.flatMap(({ id, permits }) =>
      permits
        .filter((one) => !optional.has(one))
        .map((one) => `the freedom "${id}" names "${one}", which is no requirement of the level MAY`),
    ),
  ]
}

/** The ids of all requirements that a case proves. */
export const provedRequirements = (cases: readonly Case[]): ReadonlySet<string> =>
  new Set(cases.flatMap(({ proves }) => proves.map(({ id }) => id)))
