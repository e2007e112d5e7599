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
  /** How many instances are played concurrently behind one fault. */
  readonly concurrency: number
  /** Factor for every time-out: behind a fault many waits end with one. */
  readonly slow: number
  readonly seed: string
  readonly signal: AbortSignal
}

/** The results of cases behind one fault. */
export interface FaultyPlay {
  readonly results: readonly Result[]
  /** Errors of the proxy or the runner. If there are any, the results say nothing about the cases. */
  readonly defects: readonly string[]
}

/** Changes nothing: shows that the proxy itself causes no failure. */
export const noFault: Fault = { id: 'no-fault', about: 'Nothing is changed.', breaks: [], touches: [] }

/** Whether the case restarts the server, which would disturb other cases on the same server. */
const restarts = ({ instances }: Case): boolean => instances.some(({ needs }) => needs.includes('restart'))

/** Plays cases behind faults. All share one reference server, except faults with other server options and cases that restart the server. */
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
      // The seed makes the channels of each play different from those of all others on the shared server.
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
