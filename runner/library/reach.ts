import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'

import { startInWorker } from '../../reference-server/start-worker.ts'
import type { ReferenceOptions } from '../../reference-server/index.ts'
import { linesForTerminal } from '../text/escape.ts'
import { textRedactor } from '../report/redact.ts'
import { nearest } from '../documents/nearest.ts'
import { isUrl, loadTarget } from '../targets/load.ts'
import { detectTechnique } from '../targets/survey/detect-technique.ts'
import { probeWebSocket, withSubprotocol } from '../targets/survey/websocket.ts'
import { startServer } from '../targets/process/start-server.ts'
import type { Target } from '../targets/target.ts'
import { bound } from '../wire/bound.ts'
import { ConnectionFailed, dial } from '../wire/connection.ts'
import { Unreachable } from '../targets/errors/unreachable.ts'
import { UsageError } from '../cli/errors.ts'
import type { Io } from '../cli/io.ts'
import { referenceDescription } from './paths.ts'

/** How to get at the target; flags of `run`. */
export interface ReachFlags {
  readonly header?: readonly (readonly [string, string])[]
  readonly insecure?: boolean
  readonly ca?: string
  readonly start?: string
  readonly ready?: string
  readonly verbose?: boolean
  /** Options of the reference server, for a fault that lies there. */
  readonly reference?: Partial<ReferenceOptions>
}

/** What of the process reaching a target touches. */
export type Surroundings = Pick<Io, 'cwd' | 'env' | 'stderr'>

/** A target that answers, and what was started for it. */
export interface Reached {
  readonly target: Target
  /** The target as reports name it. */
  readonly name: string
  /** Stops what was started. */
  close(): Promise<void>
}

type Stop = () => Promise<void>
const nothingToStop: Stop = async () => undefined

/** What a mistyped first word may have meant. */
const commandNames = [
  'run',
  'init',
  'list',
  'explain',
  'serve',
  'prove',
  'merge',
  'diff',
  'matrix',
  'completion',
  'help',
]
const connectMs = 5000

/** A file is relative to the working directory of the command, which need not be that of the process. */
function located(what: string, io: Surroundings): string {
  if (isUrl(what)) return what
  const file = resolve(io.cwd, what)
  const hint = existsSync(file) || commandNames.includes(what) ? '' : nearest(what, commandNames)
  if (hint !== '') throw new UsageError(`there is no command "${what}"${hint} and no file of that name`)
  return relative(process.cwd(), file)
}

/** Flags as options; `target` is an address to use instead of the one in the file. */
function load(what: string, flags: ReachFlags, io: Surroundings, target?: string): Promise<Target> {
  const { header, insecure, ca, start, ready } = flags
  return loadTarget(what, {
    env: io.env,
    ...(target === undefined ? {} : { target }),
    ...(header === undefined ? {} : { headers: header }),
    ...(insecure === undefined ? {} : { insecure }),
    ...(ca === undefined ? {} : { ca: resolve(io.cwd, ca) }),
    ...(start === undefined ? {} : { start }),
    ...(ready === undefined ? {} : { ready }),
  })
}

/** The reference server, on a free port. */
async function reference(flags: ReachFlags, io: Surroundings): Promise<Reached> {
  const server = await startInWorker(flags.reference)
  const stop: Stop = () => server.close()
  try {
    const target = await load(referenceDescription, flags, io, server.base.origin)
    return { target, name: 'the reference server', close: () => closeAll(target, stop) }
  } catch (error) {
    await stop()
    throw error
  }
}

async function started(
  target: Target,
  flags: ReachFlags,
  io: Surroundings,
  signal: AbortSignal,
): Promise<Stop> {
  const { start } = target.description
  if (start === undefined) return nothingToStop
  const hide = textRedactor(target.secrets)
  const onOutput = (text: string): void => {
    if (flags.verbose === true) io.stderr.write(linesForTerminal(hide(text)))
  }
  const server = await startServer(start, target, { onOutput, signal })
  target.server = server
  return async () => {
    const { fate } = server
    if (fate !== undefined) io.stderr.write(linesForTerminal(hide(`start: the command ${fate}\n`)))
    await server.stop()
  }
}

/** A server that is not there, or not trusted, is one error, not hundreds of cases that could not be judged. */
async function knock({ base, tls }: Target, signal: AbortSignal): Promise<void> {
  const limit = bound(connectMs, signal)
  try {
    await dial({ url: base, tls }, limit.signal, ({ socket }) => socket.destroy())
  } catch (error) {
    signal.throwIfAborted()
    throw new Unreachable(
      base,
      error instanceof ConnectionFailed && error.cause !== undefined ? error.cause : error,
    )
  } finally {
    limit.release()
  }
}

/** What can be found out from outside about what the description leaves open. */
async function explore(target: Target, io: Surroundings, signal: AbortSignal): Promise<Target> {
  await knock(target, signal)
  const looked = target.isBare ? await detectTechnique(target, signal) : target
  const seen = isUrl(target.name) ? await withSubprotocol(looked, signal) : looked
  const refused = await probeWebSocket(seen, signal)
  if (refused === undefined) return seen
  // A URL alone promises nothing; what a description promises is judged, and fails.
  if (isUrl(target.name)) throw refused
  io.stderr.write(`${linesForTerminal(`note: ${textRedactor(target.secrets)(refused.message)}`)}\n`)
  return seen
}

/** No message may show what no report may show. */
function concealed(error: unknown, target: Target): unknown {
  if (error instanceof Error) error.message = textRedactor(target.secrets)(error.message)
  return error
}

/** What the user named as target. Throws InputError or UsageError for bad input. */
export const targetOf = (what: string, flags: ReachFlags, io: Surroundings): Promise<Target> =>
  load(located(what, io), flags, io)

/**
 * Starts the target where the flags or its description say so, and looks at what they leave open.
 * Throws Unreachable when nothing answers, UnexpectedResponse when a URL is not what it was given for, HookFailed when it cannot be
 * started; then the target is closed.
 */
export async function approach(
  target: Target,
  flags: ReachFlags,
  io: Surroundings,
  signal: AbortSignal,
): Promise<Reached> {
  let stop = nothingToStop
  try {
    stop = await started(target, flags, io, signal)
    const seen = await explore(target, io, signal)
    return { target: seen, name: seen.name, close: () => closeAll(seen, stop) }
  } catch (error) {
    await closeAll(target, stop)
    throw concealed(error, target)
  }
}

/** Finds the target, unless that is done, and approaches it; without one it is the reference server. */
export async function reach(
  what: Target | string | undefined,
  flags: ReachFlags,
  io: Surroundings,
  signal: AbortSignal,
): Promise<Reached> {
  if (what === undefined) return reference(flags, io)
  return approach(typeof what === 'string' ? await targetOf(what, flags, io) : what, flags, io, signal)
}

async function closeAll(target: Target, stop: Stop): Promise<void> {
  await target.close()
  await stop()
}
