/** A rule of the protocol that received bytes break. */
export interface Finding {
  /** A requirement id. */
  readonly rule: string
  /** What was observed, worded for reports. */
  readonly detail: string
}

/** Reports that `rule` (a requirement id) was broken. */
export type Report = (rule: string, detail: string) => void
