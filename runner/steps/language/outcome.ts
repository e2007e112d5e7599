/** How a request was refused: with a status, or by closing the connection without a response. */
export type Refusal = number | 'closed'

/** The outcome of one step. */
export type Outcome =
  /**
   * `finished`: nothing is left to judge, and the remaining steps are not played. `refusal`: how the target refused the
   * request; this proves something only if it does not refuse every request in that way.
   */
  | { readonly kind: 'met'; readonly finished?: boolean; readonly refusal?: Refusal }
  /**
   * An expectation was not met; `expected` and `observed` are noun phrases. `late`: it was only not met in time, and
   * might have been met later.
   */
  | {
      readonly kind: 'unmet'
      readonly grade: 'fail' | 'warn'
      readonly expected: string
      readonly observed: string
      readonly late: boolean
    }
  /**
   * The kit could not execute or could not judge the step. `retryMayHelp`: this machine or the target seemed too slow,
   * and may be faster while fewer instances run concurrently.
   */
  | { readonly kind: 'unable'; readonly reason: string; readonly retryMayHelp?: boolean }

export const met: Outcome = { kind: 'met' }

/** Met, because the target has refused a request. */
export const metByRefusal = (refusal: Refusal): Outcome => ({ kind: 'met', refusal })

/** Met, and nothing is left to judge in the case. */
export const metAndFinished: Outcome = { kind: 'met', finished: true }

export const unmet = (
  expected: string,
  observed: string,
  { grade = 'fail', late = false }: { grade?: 'fail' | 'warn'; late?: boolean } = {},
): Outcome => ({
  kind: 'unmet',
  grade,
  expected,
  observed,
  late,
})

export const unable = (
  reason: string,
  { retryMayHelp = false }: { retryMayHelp?: boolean } = {},
): Outcome => ({ kind: 'unable', reason, retryMayHelp })

/** RFC 5246 section 7.2.1: whoever gets the end of the other side discards what it has not sent yet. */
export const unableToHalfClose = unable(
  'before TLS 1.3 a client cannot close only its sending side: the target has to end the connection at once',
)
