/** What one fault came to in front of one instance of a case. */
export interface Catch {
  readonly fault: string
  readonly case: string
  readonly instance: string
  /** The step that noticed it. */
  readonly step: number
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

/** The whole matrix. */
export interface Proof {
  readonly cases: readonly CaseProof[]
  readonly faults: readonly {
    readonly id: string
    readonly about: string
    readonly breaks: readonly string[]
    readonly caughtBy: readonly string[]
  }[]
  readonly catches: readonly Catch[]
  /** Instances that do not pass on the reference server. */
  readonly notPassing: readonly {
    readonly id: string
    readonly instance: string
    readonly verdict: string
    readonly reason: string
  }[]
  readonly collateral: readonly CollateralDamage[]
  readonly problems: readonly string[]
}
