/** One instance of a case that fails or warns behind one fault. */
export interface Detection {
  readonly fault: string
  readonly case: string
  readonly instance: string
  /** The step that failed. */
  readonly step: number
  readonly verb: string
  /** Whether the step is an expectation. A failed action proves nothing. */
  readonly isExpectation: boolean
  readonly verdict: 'fail' | 'warn'
  readonly reason: string
  /** Whether the fault breaks a requirement that the case proves. */
  readonly related: boolean
}

/** Which faults prove one case, and what remains unproved. */
export interface CaseProof {
  readonly id: string
  readonly level: string
  readonly instances: number
  /** The faults that it detects, among those that break a requirement that it proves. */
  readonly provedBy: readonly string[]
  /** Requirements of the case that no detected fault breaks. */
  readonly unbroken: readonly string[]
}

/** A case that fails although the fault breaks nothing that it proves. */
export interface CollateralDamage {
  readonly fault: string
  readonly case: string
  readonly reason: string
}

/** A fault behind which the proxy or the runner failed. */
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

/** All cases against all faults. */
export interface Proof {
  readonly cases: readonly CaseProof[]
  readonly faults: readonly FaultProof[]
  readonly detections: readonly Detection[]
  readonly notPassing: readonly NotPassing[]
  readonly collateral: readonly CollateralDamage[]
  readonly defects: readonly Defect[]
  readonly problems: readonly string[]
}
