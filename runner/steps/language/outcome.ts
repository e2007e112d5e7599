/** What one step came to. Only a defect of the kit throws. */
export type Outcome =
  /** `finished`: there is nothing more to judge, and the steps that follow are not played. */
  | { readonly kind: 'met'; readonly finished?: boolean }
  /** An expectation was not met. `late`: only a bound on time decided. */
  | {
      readonly kind: 'unmet'
      readonly grade: 'fail' | 'warn'
      readonly expected: string
      readonly observed: string
      readonly late: boolean
    }
  /**
   * The kit could not do or could not judge it. `retryMayHelp`: this machine or the target seemed too slow, and may be
   * faster while fewer instances are played.
   */
  | { readonly kind: 'unable'; readonly reason: string; readonly retryMayHelp?: boolean }

export const met: Outcome = { kind: 'met' }

/** Met, and the case has nothing more to judge. */
export const metAndFinished: Outcome = { kind: 'met', finished: true }

export const unmet = (
  expected: string,
  observed: string,
  about: { grade?: 'fail' | 'warn'; late?: boolean } = {},
): Outcome => ({
  kind: 'unmet',
  grade: about.grade ?? 'fail',
  expected,
  observed,
  late: about.late ?? false,
})

export const unable = (
  reason: string,
  { retryMayHelp = false }: { retryMayHelp?: boolean } = {},
): Outcome => ({ kind: 'unable', reason, retryMayHelp })
