import { parentPort, workerData } from 'node:worker_threads'
import { createReferenceServer, type ReferenceOptions } from './index.ts'

/** Runs in a worker thread and serves until it receives a message, see `start-worker.ts`. */
const server = createReferenceServer(workerData as Partial<ReferenceOptions>)
parentPort?.once('message', () => {
  void server.close().then(() => process.exit())
})
parentPort?.postMessage((await server.listen()).href)
