/** What one step came to. Only a defect of the kit throws. */
export type Outcome =
  /** `over`: there is nothing more to see, and the steps that follow are not played. */
  | { readonly kind: 'met'; readonly over?: boolean }
  /** An expectation was not met. `late`: only a bound on time decided. */
  | {
      readonly kind: 'unmet'
      readonly grade: 'fail' | 'warn'
      readonly expected: string
      readonly observed: string
      readonly late: boolean
    }
  /** The kit could not do or could not judge it. */
  /** `again`: this machine, or the target, seemed too slow, and alone it may do better. */
  | { readonly kind: 'unable'; readonly reason: string; readonly again?: boolean }

export const met: Outcome = { kind: 'met' }

/** Met in a way after which the case has nothing more to look at. */
export const metAndOver: Outcome = { kind: 'met', over: true }

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

export const unable = (reason: string, { again = false }: { again?: boolean } = {}): Outcome => ({
  kind: 'unable',
  reason,
  again,
})
