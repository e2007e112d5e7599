import type { TargetDescription } from '../description/schema.ts'
import { cursorIn } from './polling.ts'
import { surveyScope } from './request-values.ts'
import type { Survey } from './result.ts'
import type { Target } from '../target.ts'
import { deadline } from '../../wire/deadline.ts'
import { sendOwnRequest } from '../request.ts'

type LongPolling = NonNullable<TargetDescription['long-polling']>

/** Waits for the end of a second held request, to observe how held requests end. */
export async function surveyHold(
  target: Target,
  endpoint: LongPolling,
  signal: AbortSignal,
  holdMs: number,
): Promise<Survey> {
  const limit = deadline(holdMs, signal)
  const startedAt = performance.now()
  try {
    const { status, headers, body } = await sendOwnRequest(
      target,
      target.address('long-polling', surveyScope),
      limit.signal,
    )
    const after = Math.max(1, Math.round((performance.now() - startedAt) / 1000))
    const from = cursorIn(headers, body)
    const cursor = from === undefined ? {} : { cursor: { from, send: { query: 'since' } } }
    return {
      description: { 'long-polling': { ...endpoint, ...cursor, timeout: { status, after: `${after}s` } } },
      seen: [
        target.took,
        `the held request ended with ${status} after ${after} s: if this was an update, state under timeout how it ends without one`,
        from === undefined
          ? 'no cursor was found in that response'
          : 'the cursor is a guess: check where responses contain it, and how requests send it',
      ],
    }
  } catch (error) {
    if (signal.aborted || !limit.signal.aborted) throw error
    const seconds = Math.round(holdMs / 1000)
    const unknown = `it held the request for more than ${seconds} s: state under timeout how a held request ends without an update`
    return { description: { 'long-polling': endpoint }, seen: [target.took, unknown] }
  } finally {
    limit.release()
  }
}
