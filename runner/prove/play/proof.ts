/** One instance of a case that failed or warned with one fault. */
export interface Catch {
  readonly fault: string
  readonly case: string
  readonly instance: string
  /** Index of the step that detected the fault. */
  readonly step: number
  readonly verb: string
  /** Whether the step is an expectation. A failed action proves nothing. */
  readonly isExpectation: boolean
  readonly verdict: 'fail' | 'warn'
  readonly reason: string
  /** Whether the fault breaks a requirement that the case proves. */
  readonly related: boolean
}

/** How far one case is proved. */
export interface CaseProof {
  readonly id: string
  readonly level: string
  readonly instances: number
  /** The faults that the case detects and that break a requirement which it proves. */
  readonly provedBy: readonly string[]
  /** Requirements of the case for which it detects no fault. */
  readonly unbroken: readonly string[]
}

/** A case that fails although the fault breaks no requirement that it proves. */
export interface CollateralDamage {
  readonly fault: string
  readonly case: string
  readonly reason: string
}

/** An error in the proxy or the runner while a fault was tested. */
export interface Defect {
  readonly fault: string
  readonly what: string
}

export interface FaultProof {
  readonly id: string
  readonly about: string
  readonly breaks: readonly string[]
  readonly caughtBy: readonly string[]
}

/** An instance that does not pass on the reference server. */
export interface NotPassing {
  readonly id: string
  readonly instance: string
  readonly verdict: string
  readonly reason: string
}

/** An instance that fails or warns behind a freedom: a false alarm. */
export interface FalseAlarm {
  readonly freedom: string
  readonly case: string
  readonly instance: string
  readonly verdict: 'fail' | 'warn'
  readonly reason: string
}

/** A demand of an expectation that can be taken away without any fault or freedom noticing. */
export interface NeedlessExpectation {
  readonly case: string
  /** Index of the step. */
  readonly step: number
  /** Its place in the chapter: `file:line:column`. */
  readonly at: string
  readonly verb: string
  /** Keys and indexes of the demand below the step, joined by dots; empty for the whole step. */
  readonly demand: string
}

/** An instance that catches no fault. */
export interface UnprovedInstance {
  readonly case: string
  readonly instance: string
}

/** How much was looked at, and how much of it is shown. */
export interface Counts {
  readonly instances: number
  readonly provedInstances: number
  /** Demands of expectations: steps, keys and elements of lists that can be taken away. */
  readonly demands: number
  readonly neededDemands: number
  readonly freedoms: number
}

/** The results of all cases, faults and freedoms. */
export interface Proof {
  readonly cases: readonly CaseProof[]
  readonly faults: readonly FaultProof[]
  readonly catches: readonly Catch[]
  readonly notPassing: readonly NotPassing[]
  readonly falseAlarms: readonly FalseAlarm[]
  readonly unproved: readonly UnprovedInstance[]
  readonly needless: readonly NeedlessExpectation[]
  readonly counts: Counts
  readonly collateral: readonly CollateralDamage[]
  readonly defects: readonly Defect[]
  readonly problems: readonly string[]
}
