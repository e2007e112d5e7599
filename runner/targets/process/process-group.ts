import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { errorCode } from '../../documents/type-guards.ts'

/** Milliseconds that a process has to end by itself after it was asked to. */
const graceMs = 3000

/** The last lines of what a process writes. */
export class Tail {
  #text = ''

  add(chunk: Buffer | string): void {
    this.#text = (this.#text + chunk.toString()).slice(-4096)
  }

  /** The last ten lines, each on a line of its own below a message; empty if nothing was written. */
  shown(): string {
    const lines = this.#text.trimEnd().split(/\r?\n/).slice(-10)
    return lines.join('') === '' ? '' : `:\n${lines.map((line) => `  ${line}`).join('\n')}`
  }
}

/**
 * Ends a process and all that it started: asks first, and after three seconds does not ask. Comes back when all of
 * them have ended. It must have been spawned `detached`, as the leader of a process group (not on Windows).
 */
export async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  const ended = whenEnded(child)
  if (process.platform === 'win32') await taskkill(child.pid)
  else signalGroup(child, 'SIGTERM')
  const hardly = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs)
  await ended
  // The shell may be gone before what it started.
  if (process.platform !== 'win32') await groupGone(child)
  clearTimeout(hardly)
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const whenEnded = (child: ChildProcess): Promise<void> =>
  hasEnded(child) ? Promise.resolve() : new Promise((resolve) => child.once('exit', () => resolve()))

/** Signals the whole group; says whether there still was one. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false
  try {
    return process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal)
  } catch (error) {
    // ESRCH: none is left. EPERM: what is left changed its user and cannot be signalled by this one.
    if (['ESRCH', 'EPERM'].includes(errorCode(error))) return false
    throw error
  }
}

/** Waits for the rest of the group. What nobody collects stays in it for ever, so there is a bound. */
async function groupGone(child: ChildProcess): Promise<void> {
  const until = performance.now() + 2 * graceMs
  // There is no event for the end of a process that is not our child.
  while (signalGroup(child, 0) && !hasOnlyDead(child.pid) && performance.now() < until) await delay(10)
}

/** Whether all that is left of a group has ended, and only waits to be collected (Linux; elsewhere nobody knows). */
const hasOnlyDead = (group: number | undefined): boolean =>
  process.platform === 'linux' &&
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .every((pid) => isOther(group, pid) || isDead(pid))

/** The fields of a process from its state on, behind the name of its program, which may hold anything; see proc(5). */
function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    // It has ended meanwhile.
    return []
  }
}

const isOther = (group: number | undefined, pid: string): boolean => Number(statOf(pid)[2]) !== group

/** A process that has ended may have threads that have not: then its sockets are still there. */
function isDead(pid: string): boolean {
  const { 0: state = 'X', 17: threads = '0' } = statOf(pid)
  return ['Z', 'X'].includes(state) && Number(threads) <= 1
}

function taskkill(pid: number): Promise<void> {
  const killer = spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true })
  return new Promise((resolve, reject) => {
    killer.once('error', reject)
    killer.once('exit', () => resolve())
  })
}
