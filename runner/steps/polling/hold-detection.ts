import { readFrom } from '../../targets/cursor.ts'
import { sendOwnRequest } from '../../targets/request.ts'
import type { Address } from '../../targets/address.ts'
import type { Exchange } from '../../wire/exchange.ts'
import type { Play } from '../stage/play.ts'
import { buildRequest, sendRequest } from '../language/request.ts'
import { deadline } from '../../wire/deadline.ts'

/** How many ordinary responses are measured. A held request is watched for a multiple of the slowest of them. */
const ordinaryRequests = 3
const slowestFactor = 5
/** The longest wait for ordinary responses; a held request is watched for the same time if there are none. */
const ordinaryBound = '1s'

/**
 * Waits until the target evidently holds the requests sent so far, or until `isOver`. The evidence is noted: the target
 * counts that many waiting requests, or ordinary requests that were sent later have got their responses long ago.
 */
export async function waitUntilHeld(
  play: Play,
  actor: string,
  waiting: number,
  isOver: () => boolean,
): Promise<void> {
  if (isOver() || (await waitForCount(play, actor, waiting, isOver)) || isOver()) return
  const slowest = await slowestResponseMs(play, actor)
  const watchMs = slowest === undefined ? play.bounds.milliseconds(ordinaryBound) : slowest * slowestFactor
  const pause = deadline(watchMs, play.signal)
  await new Promise<void>((resolve) =>
    pause.signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  await readArrivedBytes()
  play.notes.add(
    actor,
    slowest === undefined
      ? `judged as held: nothing arrived for ${Math.round(watchMs)} ms; no ordinary request got a response to compare with`
      : `judged as held: ${ordinaryRequests} requests sent later got responses within ${slowest.toFixed(1)} ms each`,
  )
}

/** How many requests the target says it holds on the channel of this case; undefined if it does not say. */
async function waiterCount(play: Play): Promise<number | undefined> {
  const hook = play.target.description['long-polling']?.waiters
  if (hook === undefined || play.target.isShared('long-polling')) return undefined
  const address = play.target.request(hook.request, play.identity.scope())
  const response = await sendOwnRequest(play.target, address, play.bounds.within()).catch(() => undefined)
  if (response === undefined) return undefined
  if (response.status === 404) return 0
  const count = Number(readFrom(hook.count, response) ?? 'none')
  return Number.isInteger(count) ? count : undefined
}

/**
 * Requests the count repeatedly until it is as expected. `reached` is false if `signal` aborts first, or if the target
 * does not say how many requests it holds.
 */
export async function waitForWaiterCount(
  play: Play,
  isExpected: (count: number) => boolean,
  signal: AbortSignal,
): Promise<{ reached: boolean; last: number | undefined }> {
  for (;;) {
    const last = await waiterCount(play)
    if (last === undefined || isExpected(last)) return { reached: last !== undefined, last }
    if (signal.aborted) return { reached: false, last }
    await readArrivedBytes()
  }
}

async function waitForCount(
  play: Play,
  actor: string,
  waiting: number,
  isOver: () => boolean,
): Promise<boolean> {
  const { reached, last } = await waitForWaiterCount(
    play,
    (count) => count >= waiting || isOver(),
    play.bounds.within(ordinaryBound),
  )
  if (reached) play.notes.addTold(actor, `judged as held: the target counts ${last} waiting requests`)
  return reached
}

/** An address that gets a response at once, with any status. */
function ordinaryAddress(play: Play): Address {
  const { target } = play
  return target.description.http === undefined
    ? target.request({ path: '/' }, play.identity.scope())
    : target.address('http', play.identity.scope())
}

/** The time of the slowest ordinary response, in milliseconds; undefined if one does not arrive in time. */
async function slowestResponseMs(play: Play, actor: string): Promise<number | undefined> {
  const signal = play.bounds.within(ordinaryBound)
  const address = ordinaryAddress(play)
  let slowest = 0
  let last: Exchange | undefined
  for (let count = 0; count < ordinaryRequests; count++) {
    const on = last?.connection.wire.ended === undefined ? last?.connection : undefined
    last = await sendRequest(play, `${actor}, for comparison`, address, buildRequest(address, {}), { on })
    if (!(await last.completed(signal)) || last.completion === undefined) return undefined
    slowest = Math.max(slowest, last.completion.at - last.sentAt)
  }
  return slowest
}

/** Lets the event loop read the bytes that have already arrived: it runs timers before it reads sockets. */
export async function readArrivedBytes(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}
