import { startServer } from '../targets/process/start-server.ts'
import type { Target } from '../targets/target.ts'
import { linesForTerminal } from '../text/escape.ts'
import { explore } from './explore.ts'

/** A target that accepts connections, and what has to be closed after the run. */
export interface ReachedTarget {
  readonly target: Target
  /** The target as reports name it. */
  readonly name: string
  /** Closes the target and stops the server that was started for it. */
  close(): Promise<void>
}

export interface ReachOptions {
  readonly signal: AbortSignal
  /** Receives notes about the target, and how a started server ended. */
  readonly stderr: { write(text: string): unknown }
  /** Also write the output of a started server to `stderr`. */
  readonly verbose?: boolean
}

/**
 * Starts the server if the description says how, connects to it, and finds out what the description leaves open.
 * Closes the target if that fails.
 * @throws Unreachable when nothing accepts connections, UnexpectedResponse when a URL does not serve its protocol, HookFailed when
 * the server cannot be started. Their messages are redacted.
 */
export async function reach(target: Target, options: ReachOptions): Promise<ReachedTarget> {
  const { redactor } = target
  const show = (text: string): void => void options.stderr.write(linesForTerminal(redactor.text(text)))
  let stopServer: StopServer | undefined
  try {
    stopServer = await startTarget(target, options, show)
    const explored = await explore(target, options.signal, show)
    return { target: explored, name: explored.name, close: () => close(explored, stopServer) }
  } catch (error) {
    await close(target, stopServer)
    if (error instanceof Error) error.message = redactor.text(error.message)
    throw error
  }
}

type StopServer = () => Promise<void>

/** Undefined when the description has no `start`. */
async function startTarget(
  target: Target,
  { signal, verbose = false }: ReachOptions,
  show: (text: string) => void,
): Promise<StopServer | undefined> {
  const { start } = target.description
  if (start === undefined) return undefined
  const server = await startServer(start, target, { signal, ...(verbose ? { onOutput: show } : {}) })
  target.server = server
  return async () => {
    if (server.fate !== undefined) show(`start: the command ${server.fate}\n`)
    await server.stop()
  }
}

async function close(target: Target, stopServer: StopServer | undefined): Promise<void> {
  await target.close()
  await stopServer?.()
}
