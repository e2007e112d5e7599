import type { Fault } from '../../fixtures/faults/proxy/fault.ts'
import { startFaultProxy } from '../../fixtures/faults/proxy/proxy.ts'
import { createReferenceServer, type ReferenceServer } from '../../reference-server/index.ts'
import type { Result } from '../run/result.ts'
import { run } from '../run/run.ts'
import type { Case } from '../chapters/chapter.ts'
import type { Target } from '../targets/target.ts'

export interface FaultPlayerOptions {
  /** The description of the reference server; its `target` is replaced. */
  readonly described: Target
  /** Instances side by side behind one fault. */
  readonly concurrency: number
  /** Factor for every bound on time: behind a fault many waits come to their end. */
  readonly slow: number
  readonly seed: string
  readonly signal: AbortSignal
}

/** What cases came to behind one fault. */
export interface FaultyPlay {
  readonly results: readonly Result[]
  /** What broke down in the proxy or in the runner: nothing that was seen meanwhile says anything about a case. */
  readonly defects: readonly string[]
}

/** Nothing is changed: shows that the proxy itself is no deviation. */
export const noFault: Fault = { id: 'no-fault', about: 'Nothing is changed.', breaks: [], touches: [] }

/** A case that restarts the server disturbs whatever else is played on it. */
const restarts = ({ instances }: Case): boolean => instances.some(({ needs }) => needs.includes('restart'))

/** Plays cases behind faults. One reference server serves all of them; who needs another one gets one of its own. */
export class FaultPlayer {
  readonly options: FaultPlayerOptions
  #shared: Promise<{ server: ReferenceServer; url: URL }> | undefined
  #plays = 0

  constructor(options: FaultPlayerOptions) {
    this.options = options
  }

  /** Plays the cases behind the fault. `slow` replaces the factor of the player. */
  async play(fault: Fault, cases: readonly Case[], slow = this.options.slow): Promise<FaultyPlay> {
    if (fault.reference === undefined && !cases.some(restarts))
      return this.#proxied(fault, cases, (await this.#server()).url, slow)
    const server = createReferenceServer(fault.reference)
    try {
      return await this.#proxied(fault, cases, await server.listen(0), slow)
    } finally {
      await server.close()
    }
  }

  async close(): Promise<void> {
    await (await this.#shared)?.server.close()
  }

  #server(): Promise<{ server: ReferenceServer; url: URL }> {
    this.#shared ??= (async () => {
      const server = createReferenceServer()
      return { server, url: await server.listen(0) }
    })()
    return this.#shared
  }

  async #proxied(fault: Fault, cases: readonly Case[], upstream: URL, slow: number): Promise<FaultyPlay> {
    const defects: string[] = []
    const noteDefect = (error: unknown): void => void defects.push(errorText(error))
    const { described, seed } = this.options
    const proxy = await startFaultProxy(upstream, described.description, fault, { onDefect: noteDefect })
    const target = described.through(proxy.url)
    const results: Result[] = []
    try {
      // On the shared server no two plays may meet on one channel.
      const own = { target, cases, slow, seed: `${seed} ${fault.id} ${this.#plays++}`, full: true }
      // Behind a fault an expired time-out is an expected result, not a sign of machine load.
      const patience = fault.breaks.length === 0 ? {} : { isPressed: () => false }
      for await (const result of run({ ...this.options, ...own, ...patience }))
        results.push({ ...result, transcript: [] })
    } catch (error) {
      noteDefect(error)
    } finally {
      await target.close()
      await proxy.close()
    }
    return { results, defects }
  }
}

const errorText = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
