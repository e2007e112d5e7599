import { milliseconds } from '../../documents/duration.ts'
import type { Play } from '../stage/play.ts'

/** How long a case waits at most for the end of a connection on which nothing happens. */
const longestWait = '11s'
/** A connection may end this much sooner than declared: timers are not exact. */
const tolerance = 0.9

/**
 * How long a case watches a connection on which nothing happens, in milliseconds.
 * @param declared how long it stays open according to the description, such as `60s`; undefined if that says nothing
 * @param most the longest wait, such as `500ms`
 */
export const idleMs = (play: Play, declared: string | undefined, most = longestWait): number =>
  Math.min(
    play.bounds.milliseconds(most),
    declared === undefined ? Infinity : milliseconds(declared) * tolerance,
  )
