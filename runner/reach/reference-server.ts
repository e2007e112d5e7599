import { startInWorker } from '../../reference-server/start-worker.ts'
import type { ReferenceOptions } from '../../reference-server/index.ts'
import { referenceDescription } from '../package/paths.ts'
import { loadTarget, type LoadOptions } from '../targets/load.ts'
import type { ReachedTarget } from './reach.ts'

/** Starts the bundled reference server on a free port, in a thread of its own. @throws InputError for invalid options. */
export async function reachReferenceServer(
  loadOptions: LoadOptions,
  serverOptions: Partial<ReferenceOptions> = {},
): Promise<ReachedTarget> {
  const server = await startInWorker(serverOptions)
  try {
    const target = await loadTarget(referenceDescription, { ...loadOptions, target: server.base.origin })
    const close = async (): Promise<void> => {
      await target.close()
      await server.close()
    }
    return { target, name: 'the reference server', close }
  } catch (error) {
    await server.close()
    throw error
  }
}
