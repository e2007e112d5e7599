import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { errorCode } from '../../documents/type-guards.ts'

/** Milliseconds that a process has to end after SIGTERM. */
const graceMs = 3000

/** The last lines that a process has written. */
export class Tail {
  #text = ''

  add(chunk: Buffer | string): void {
    this.#text = (this.#text + chunk.toString()).slice(-4096)
  }

  /** The last ten lines, to be appended to a message; empty if nothing was written. */
  shown(): string {
    const lines = this.#text.trimEnd().split(/\r?\n/).slice(-10)
    return lines.join('') === '' ? '' : `:\n${lines.map((line) => `  ${line}`).join('\n')}`
  }
}

/**
 * Ends a process and all that it started: with SIGTERM, after three seconds with SIGKILL. Resolves when all of them have
 * ended. The process must have been spawned `detached`, as the leader of a process group (not on Windows).
 */
export async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  const ended = whenEnded(child)
  if (process.platform === 'win32') await taskkill(child.pid)
  else signalGroup(child, 'SIGTERM')
  const hardly = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs)
  await ended
  // The shell may end before the processes that it started.
  if (process.platform !== 'win32') await groupGone(child)
  clearTimeout(hardly)
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const whenEnded = (child: ChildProcess): Promise<void> =>
  hasEnded(child) ? Promise.resolve() : new Promise((resolve) => child.once('exit', () => resolve()))

/** Signals the whole group; returns whether it still existed. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false
  try {
    return process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal)
  } catch (error) {
    // ESRCH: the group is gone. EPERM: its processes changed their user and cannot be signalled by this one.
    if (['ESRCH', 'EPERM'].includes(errorCode(error))) return false
    throw error
  }
}

/** Waits for the rest of the group, with a bound: a zombie that is never reaped stays in it for ever. */
async function groupGone(child: ChildProcess): Promise<void> {
  const until = performance.now() + 2 * graceMs
  // No event reports the end of a process that is not our child.
  while (signalGroup(child, 0) && !hasOnlyDead(child.pid) && performance.now() < until) await delay(10)
}

/** Whether a group has only zombies left (Linux; elsewhere always false). */
const hasOnlyDead = (group: number | undefined): boolean =>
  process.platform === 'linux' &&
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .every((pid) => isOther(group, pid) || isDead(pid))

/** The fields of `/proc/{pid}/stat` after the name of the program, which may contain any character; see proc(5). */
function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    // The process has ended meanwhile.
    return []
  }
}

const isOther = (group: number | undefined, pid: string): boolean => Number(statOf(pid)[2]) !== group

/** Whether a process and all its threads have ended; a running thread would keep its sockets open. */
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
