import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ReferenceOptions } from './updates/options.ts'

/** A reference server on a free port, in a thread, so that it does not block the event loop of its user. */
export interface ThreadedServer {
  readonly base: URL
  /** See `ReferenceServer.close`. */
  close(): Promise<void>
}

/** Starts the reference server in a thread. Rejects if it cannot listen. */
export async function startInThread(options: Partial<ReferenceOptions> = {}): Promise<ThreadedServer> {
  const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: options })
  const [href] = (await once(worker, 'message')) as [string]
  return {
    base: new URL(href),
    close: async () => {
      const ended = once(worker, 'exit')
      worker.postMessage('close')
      await ended
    },
  }
}
