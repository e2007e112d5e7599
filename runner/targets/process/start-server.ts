import { deadline } from '../../wire/deadline.ts'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { milliseconds } from '../../documents/duration.ts'
import { HookFailed } from '../errors/hook-failed.ts'
import { sendOwnRequest } from '../request.ts'
import { endGroup, signalGroup, Tail } from './process-group.ts'
import type { Start } from '../description/schema.ts'
import type { RunningServer, Target } from '../target.ts'
import { expand } from '../description/template.ts'
import { reasonOf } from '../errors/unreachable.ts'

export interface StartOptions {
  /** Gets the output of the server as it arrives. */
  readonly onOutput?: (text: string) => void
  /** Stops waiting for the server, and ends it. */
  readonly signal?: AbortSignal
}

/** The time-out of one attempt to reach the server, and the first and longest pause between attempts, in milliseconds. */
const attemptMs = 2000
const pauses = { first: 20, most: 500 }

/**
 * Starts a server in a shell and waits until it is ready: until the `ready` path responds with 2xx, or without such a path
 * until the port of the target accepts connections. The server also ends when this process exits.
 * @throws HookFailed if something listens there already, if the command ends before the server is ready, or if
 * that takes longer than `within` (default: 30 s).
 */
export async function startServer(
  start: Start,
  target: Target,
  options: StartOptions = {},
): Promise<RunningServer> {
  if (await takesConnections(target.base, AbortSignal.timeout(attemptMs)))
    throw new HookFailed(
      `start: something listens on ${target.base.host} already; stop it, or test it without --start`,
    )
  const server = new Started(start, target, options.onOutput)
  await server.begin(options.signal)
  return server
}

function spawned(start: Start, target: Target, onOutput: (text: string) => void): ChildProcess {
  const env = Object.entries(start.env ?? {}).map(
    ([name, value]) => [name, expand(value, target.scope({}))] as const,
  )
  const child = spawn(start.command, {
    shell: true,
    env: { ...process.env, ...Object.fromEntries(env) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
    ...(start.cwd === undefined ? {} : { cwd: start.cwd }),
  })
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput)
  return child
}

/** A server process, which a restart replaces by another one with the same command. */
class Started implements RunningServer {
  readonly #start: Start
  readonly #target: Target
  readonly #onOutput: StartOptions['onOutput']
  #child: ChildProcess | undefined
  #tail = new Tail()
  #stopping: Promise<void> | undefined

  constructor(start: Start, target: Target, onOutput: StartOptions['onOutput']) {
    this.#start = start
    this.#target = target
    this.#onOutput = onOutput
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get fate(): string | undefined {
    const { exitCode = null, signalCode = null } = this.#child ?? {}
    const hasEnded = exitCode !== null || signalCode !== null
    return hasEnded && this.#stopping === undefined
      ? `${endOf(exitCode, signalCode)}${this.#tail.shown()}`
      : undefined
  }

  async begin(signal: AbortSignal | undefined): Promise<void> {
    const tail = new Tail()
    this.#tail = tail
    const child = spawned(this.#start, this.#target, (text) => {
      tail.add(text)
      this.#onOutput?.(text)
    })
    this.#child = child
    this.#stopping = undefined
    process.once('exit', this.#endNow)
    try {
      await untilReady(this.#start, this.#target, child, tail, signal)
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop())
  }

  async restart(signal: AbortSignal): Promise<void> {
    await this.stop()
    signal.throwIfAborted()
    await this.begin(signal)
  }

  async #stop(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    await endGroup(child)
    process.off('exit', this.#endNow)
    // A process that left the group may still have the pipes open; that must not keep this process from ending.
    child.stdout?.destroy()
    child.stderr?.destroy()
  }

  readonly #endNow = (): void => {
    if (this.#child !== undefined) endNow(this.#child)
  }
}

const endOf = (code: number | null, killedBy: NodeJS.Signals | null): string =>
  code === null ? `was ended by ${killedBy}` : `ended with exit code ${code}`

/** Ends the server without a grace period, because this process is exiting. */
function endNow(child: ChildProcess): void {
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'])
  else signalGroup(child, 'SIGKILL')
}

async function untilReady(
  start: Start,
  target: Target,
  child: ChildProcess,
  tail: Tail,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const within = start.within ?? '30s'
  const over = new AbortController()
  const limit = deadline(milliseconds(within), signal, over.signal)
  const attempts = new Attempts(start.ready, target, limit.signal)
  try {
    await Promise.race([attempts.untilReady(), ended(child, tail)])
  } catch (error) {
    if (error instanceof HookFailed) throw error
    signal.throwIfAborted()
    const why = attempts.last === '' ? '' : ` (${attempts.last})`
    throw new HookFailed(`start: the server was not ready within ${within}${why}${tail.shown()}`, {
      cause: error,
    })
  } finally {
    over.abort()
    limit.release()
  }
}

/** Rejects when the command ends, or cannot be run at all. */
function ended(child: ChildProcess, tail: Tail): Promise<never> {
  return new Promise((_resolve, reject) => {
    child.once('error', (error) =>
      reject(new HookFailed(`start: the command cannot be run: ${error.message}`)),
    )
    child.once('close', (code, killedBy) => {
      const how = endOf(code, killedBy)
      reject(new HookFailed(`start: the command ${how} before the server was ready${tail.shown()}`))
    })
  })
}

/** Tries at growing intervals whether the server is ready: no event reports that another process listens. */
class Attempts {
  /** Why the server was not ready at the last attempt. */
  last = ''
  readonly #path: string | undefined
  readonly #target: Target
  readonly #signal: AbortSignal

  constructor(path: string | undefined, target: Target, signal: AbortSignal) {
    this.#path = path
    this.#target = target
    this.#signal = signal
  }

  async untilReady(): Promise<void> {
    for (let pause = pauses.first; !(await this.#isReady()); pause = Math.min(pause * 1.5, pauses.most))
      await delay(pause, undefined, { signal: this.#signal })
  }

  async #isReady(): Promise<boolean> {
    const { signal, release } = deadline(attemptMs, this.#signal)
    try {
      if (this.#path === undefined) return await takesConnections(this.#target.base, signal)
      const { status } = await sendOwnRequest(
        this.#target,
        this.#target.request({ path: this.#path }, {}),
        signal,
      )
      this.last = `${this.#path} responds with ${status}`
      return status >= 200 && status <= 299
    } catch (error) {
      this.#signal.throwIfAborted()
      this.last = `${this.#path}: ${reasonOf(error)}`
      return false
    } finally {
      release()
    }
  }
}

/**
 * Waits until `path` responds with 2xx, or without a path until the server accepts connections.
 * @throws HookFailed when `signal` aborts before.
 */
export async function ready(target: Target, path: string | undefined, signal: AbortSignal): Promise<void> {
  const attempts = new Attempts(path, target, signal)
  await attempts.untilReady().catch((error: unknown) => {
    const why = attempts.last === '' ? '' : ` (${attempts.last})`
    throw new HookFailed(`the server was not ready again in time${why}`, { cause: error })
  })
}

/** Whether a TCP connection to the host and port of a URL can be made. */
export async function takesConnections(url: URL, signal: AbortSignal): Promise<boolean> {
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:'
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port)
  const socket = net.connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port })
  try {
    await once(socket, 'connect', { signal })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
