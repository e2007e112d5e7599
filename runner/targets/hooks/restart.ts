import { runCommand } from '../process/run-command.ts'
import { HookFailed } from '../errors/hook-failed.ts'
import { ready } from '../process/start-server.ts'
import { callHook } from './publish.ts'
import type { Target } from '../target.ts'

/**
 * Begins a restart of the server, through the hook of its description or as the process that the kit has started.
 * @throws HookFailed if it cannot. A lost response to the request is not a failure, because the server is stopping.
 */
export async function restart(target: Target, signal: AbortSignal): Promise<void> {
  const { request, command } = target.description.restart ?? {}
  if (request !== undefined) return callHook(target, 'restart', request, {}, signal).then(ignore, unlessLost)
  if (command !== undefined) return runCommand('restart', command, target.scope({}), {}, signal)
  if (target.server === undefined) throw new HookFailed('restart: the kit has not started this server')
  await target.server.restart(signal)
}

const ignore = (): void => undefined

/** Ignores a lost response, whose error has a cause; the error of a status other than 2xx has none. */
function unlessLost(error: unknown): void {
  if (!(error instanceof HookFailed) || error.cause === undefined) throw error
}

/**
 * Waits until the server is ready again after a restart.
 * @throws HookFailed when `signal` aborts before.
 */
export async function readyAgain(target: Target, signal: AbortSignal): Promise<void> {
  // The restart breaks the connections of hooks too.
  await target.close()
  const { restart: hook, start } = target.description
  await ready(target, hook?.ready ?? start?.ready, signal)
}
