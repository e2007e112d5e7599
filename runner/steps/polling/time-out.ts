import { timerToleranceMs } from '../stage/bounds.ts'
import type { Play } from '../stage/play.ts'
import type { Poller } from './poller.ts'

/** Why the response may be that of a time-out; undefined if it arrived too early for that. */
export function possibleTimeOut(play: Play, { exchange, poll }: Poller): string | undefined {
  const { completion, sentAt } = exchange
  if (completion?.kind !== 'complete') return undefined
  const lasted = completion.at - sentAt
  if (poll.holdMs !== undefined)
    return lasted < poll.holdMs - timerToleranceMs
      ? undefined
      : 'the hold timed out, as declared, before this could be judged'
  const neverTimesOut = play.target.description['long-polling']?.timeout === 'never'
  return neverTimesOut || lasted < play.bounds.usualMs
    ? undefined
    : `the hold ended after ${Math.round(lasted)} ms, before this could be judged: the description does not say whether that is its time-out`
}
