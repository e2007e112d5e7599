/** One rule of a standard, in our own words. */
export interface Requirement {
  readonly id: string
  readonly protocol: string
  /** The standard, as it names itself: `RFC 6455`. */
  readonly source: string
  readonly section: string
  /** The keyword of the source, or RULE, DEFINITION, ISSUE, EXPECTED (see specs/requirements/README.md). */
  readonly level: string
  readonly text: string
  /** Where to read it. */
  readonly url: string
}
