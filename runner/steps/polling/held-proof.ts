import { readFrom } from '../../targets/cursor.ts'
import { sendOwnRequest } from '../../targets/request.ts'
import type { Address } from '../../targets/address.ts'
import { bound } from '../../wire/bound.ts'
import type { Exchange } from '../../wire/http1/connection.ts'
import type { Play } from '../stage/play.ts'
import { buildRequest, sendRequest } from '../stage/request.ts'

/** How many ordinary answers are measured, and how many times the slowest of them a request is watched. */
const ordinaryAnswers = 3
const timesAnOrdinaryAnswer = 5
/** How long is waited for an ordinary answer, and how long is watched where there is none. */
const ordinaryBound = '1s'

/**
 * Goes on when it is known that the target has got the requests sent so far and holds them, or as soon as `isOver`.
 * What that rests on is noted: the target's own count, or that ordinary requests which were sent later have long
 * been answered.
 */
export async function untilHeld(
  play: Play,
  actor: string,
  waiting: number,
  isOver: () => boolean,
): Promise<void> {
  if (isOver() || (await isCounted(play, actor, waiting, isOver)) || isOver()) return
  const slowest = await slowestAnswer(play, actor)
  const watched = slowest === undefined ? play.bound(ordinaryBound) : slowest * timesAnOrdinaryAnswer
  const pause = bound(watched, play.signal)
  await new Promise<void>((resolve) =>
    pause.signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  await arrivals()
  play.note(
    actor,
    slowest === undefined
      ? `judged as held: nothing came for ${Math.round(watched)} ms; no ordinary request was answered to compare with`
      : `judged as held: ${ordinaryAnswers} requests sent later were answered in at most ${slowest.toFixed(1)} ms each`,
  )
}

/** How many requests the target says it holds on the channel of this case; undefined where it does not say. */
async function countOfWaiters(play: Play): Promise<number | undefined> {
  const hook = play.target.description['long-polling']?.waiters
  if (hook === undefined || play.target.isShared('long-polling')) return undefined
  const address = play.target.request(hook.request, play.scope())
  const answer = await sendOwnRequest(play.target, address, play.within()).catch(() => undefined)
  if (answer === undefined || answer.status === 404) return answer === undefined ? undefined : 0
  const count = Number(readFrom(hook.count, answer) ?? 'none')
  return Number.isInteger(count) ? count : undefined
}

/** Asks for the count again and again until it is as wanted; false when `signal` aborts before, or nobody counts. */
export async function untilCounted(
  play: Play,
  isWanted: (count: number) => boolean,
  signal: AbortSignal,
): Promise<{ reached: boolean; last: number | undefined }> {
  for (;;) {
    const last = await countOfWaiters(play)
    if (last === undefined || isWanted(last)) return { reached: last !== undefined, last }
    if (signal.aborted) return { reached: false, last }
    await arrivals()
  }
}

async function isCounted(
  play: Play,
  actor: string,
  waiting: number,
  isOver: () => boolean,
): Promise<boolean> {
  const { reached, last } = await untilCounted(
    play,
    (count) => count >= waiting || isOver(),
    play.within(ordinaryBound),
  )
  if (reached) play.note(actor, `judged as held: the target counts ${last} that wait`)
  return reached
}

/** An address that is answered at once, with whatever status. */
function ordinaryAddress(play: Play): Address {
  const { target } = play
  return target.description.http === undefined
    ? target.request({ path: '/' }, play.scope())
    : target.address('http', play.scope())
}

/** The slowest of some ordinary answers in milliseconds, or undefined if there is none in time. */
async function slowestAnswer(play: Play, actor: string): Promise<number | undefined> {
  const signal = play.within(ordinaryBound)
  const address = ordinaryAddress(play)
  let slowest = 0
  let last: Exchange | undefined
  for (let count = 0; count < ordinaryAnswers; count++) {
    const on = last?.connection.wire.ended === undefined ? last?.connection : undefined
    last = await sendRequest(play, `${actor}, compared`, address, buildRequest(address, {}), { on })
    if (!(await last.completed(signal)) || last.completion === undefined) return undefined
    slowest = Math.max(slowest, last.completion.at - last.sentAt)
  }
  return slowest
}

/** Lets everything that has arrived already be read: timers run before sockets are looked at. */
export async function arrivals(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}
