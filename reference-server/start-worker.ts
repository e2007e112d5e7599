import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ReferenceOptions } from './updates/options.ts'

/** A reference server in a worker thread, on a free port. It does not block the event loop of its caller. */
export interface WorkerServer {
  readonly base: URL
  /** Like that of `ReferenceServer`. */
  close(): Promise<void>
}

/** Starts the reference server in a worker thread. Rejects if it cannot listen. */
export async function startInWorker(options: Partial<ReferenceOptions> = {}): Promise<WorkerServer> {
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
