import { readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'

/** Part of the last ten seconds in which something on this machine waited for a processor. */
const busyShare = 0.4
/** Processes that want to run, for each processor. */
const busyLoad = 1.3

const pressureFile = '/proc/pressure/cpu'

/** The share from Linux's pressure stall information, or undefined where there is none. */
function stalled(): number | undefined {
  try {
    const [, share] = /^some avg10=([0-9.]+)/m.exec(readFileSync(pressureFile, 'utf8')) ?? []
    return share === undefined ? undefined : Number(share) / 100
  } catch {
    return undefined
  }
}

/** Whether this machine has more to do than it can: then an answer that is late may be late because of it. */
export function isPressed(): boolean {
  const share = stalled()
  return share === undefined ? (loadavg()[0] ?? 0) / availableParallelism() > busyLoad : share > busyShare
}
