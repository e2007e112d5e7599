/** What one fault came to in front of one instance of a case. */
export interface Detection {
  readonly fault: string
  readonly case: string
  readonly instance: string
  /** The step that noticed it. */
  readonly step: number
  readonly verb: string
  /** The step looks at the target. What an action runs into proves nothing. */
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
  /** The faults that it notices, among those that break what it proves. */
  readonly provedBy: readonly string[]
  /** Requirements of the case that no fault breaks so that the case notices it. */
  readonly unbroken: readonly string[]
}

/** A case that fails although the fault breaks nothing that it proves. */
export interface CollateralDamage {
  readonly fault: string
  readonly case: string
  readonly reason: string
}

/** A fault behind which the proxy or the runner broke down. */
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

/** The whole matrix. */
export interface Proof {
  readonly cases: readonly CaseProof[]
  readonly faults: readonly FaultProof[]
  readonly detections: readonly Detection[]
  readonly notPassing: readonly NotPassing[]
  readonly collateral: readonly CollateralDamage[]
  readonly defects: readonly Defect[]
  readonly problems: readonly string[]
}
