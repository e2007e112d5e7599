/** A rule of the grammar that something received has broken; `rule` is a requirement id. */
export interface Finding {
  readonly rule: string
  /** What was seen, as a sentence that can stand in a report. */
  readonly detail: string
}

/** Says that `rule` (a requirement id) was broken, and by what. */
export type Report = (rule: string, detail: string) => void
