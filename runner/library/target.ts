import { type ReachedTarget, reach } from '../reach/reach.ts'
import { reachReferenceServer } from '../reach/reference-server.ts'
import { loadTarget, type LoadOptions } from '../targets/load.ts'
import { Target } from '../targets/target.ts'

export interface TargetSettings extends Omit<LoadOptions, 'target'> {
  /**
   * A URL (http, https, ws, wss), the path of a target description, or a loaded target, which stays open after the
   * run. Default: the bundled reference server.
   */
  readonly target?: string | Target
}

/** Loads and reaches the target of a program; notes about it go to stderr. @throws InputError, and like `reach`. */
export async function reachTarget(settings: TargetSettings, signal: AbortSignal): Promise<ReachedTarget> {
  const { target, ...options } = settings
  if (target instanceof Target) return { target, name: target.name, close: async () => undefined }
  if (target === undefined) return reachReferenceServer(options)
  return reach(await loadTarget(target, options), { signal, stderr: process.stderr })
}
