import { readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'

/** Above this share of the last ten seconds in which a process waited for a processor, the machine is overloaded. */
const highestStallShare = 0.4
/** Above this number of runnable processes per processor, the machine is overloaded. */
const highestLoad = 1.3

const pressureFile = '/proc/pressure/cpu'

/** The share from the pressure stall information of Linux; undefined on other systems. */
function stallShare(): number | undefined {
  try {
    const [, share] = /^some avg10=([0-9.]+)/m.exec(readFileSync(pressureFile, 'utf8')) ?? []
    return share === undefined ? undefined : Number(share) / 100
  } catch {
    return undefined
  }
}

/** Whether this machine is overloaded: then a late response may be late because of the machine. */
export function isOverloaded(): boolean {
  const share = stallShare()
  return share === undefined
    ? (loadavg()[0] ?? 0) / availableParallelism() > highestLoad
    : share > highestStallShare
}
