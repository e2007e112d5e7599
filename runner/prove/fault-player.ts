import type { Fault, Freedom } from '../../fixtures/proxy/variant.ts'
import { startVariantProxy } from '../../fixtures/proxy/proxy.ts'
import { createReferenceServer, type ReferenceServer } from '../../reference-server/index.ts'
import type { Result } from '../run/result.ts'
import { run } from '../run/run.ts'
import type { Case } from '../chapters/chapter.ts'
import type { Target } from '../targets/target.ts'

export interface FaultPlayerOptions {
  /** The description of the reference server; its `target` is replaced. */
  readonly described: Target
  /** Number of instances that are played concurrently with one fault. */
  readonly concurrency: number
  /** Factor for every time-out: with a fault many waits last until their time-out. */
  readonly slow: number
  readonly seed: string
  readonly signal: AbortSignal
}

/** The results of cases with one fault. */
export interface FaultResults {
  readonly results: readonly Result[]
  /** Errors in the proxy or the runner; if there are any, the results are unreliable. */
  readonly defects: readonly string[]
}

/** Changes nothing: shows that the proxy alone makes no case fail. */
export const noFault: Fault = { id: 'no-fault', about: 'Nothing is changed.', breaks: [], touches: [] }

/** Whether the case restarts the server, which disturbs all other cases on the same server. */
const restarts = ({ instances }: Case): boolean => instances.some(({ needs }) => needs.includes('restart'))

/** Plays cases with faults. They share one reference server, except cases that restart it and faults with other options. */
export class FaultPlayer {
  readonly options: FaultPlayerOptions
  #shared: Promise<{ server: ReferenceServer; url: URL }> | undefined
  #plays = 0

  constructor(options: FaultPlayerOptions) {
    this.options = options
  }

  /** Plays the cases with the fault. `slow` replaces the factor of the options. */
  async play(
    fault: Fault | Freedom,
    cases: readonly Case[],
    slow = this.options.slow,
  ): Promise<FaultResults> {
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

  async #proxied(
    fault: Fault | Freedom,
    cases: readonly Case[],
    upstream: URL,
    slow: number,
  ): Promise<FaultResults> {
    const defects: string[] = []
    const noteDefect = (error: unknown): void => void defects.push(inWords(error))
    const { described, seed } = this.options
    const describe = 'describe' in fault ? fault.describe : undefined
    const proxy = await startVariantProxy(upstream, described.description, fault, { onDefect: noteDefect })
    const through = described.through(proxy.url)
    const target = describe === undefined ? through : through.as(describe(through.description), through.took)
    const results: Result[] = []
    try {
      // On the shared server no two plays may use the same channel, so each has its own seed.
      const own = { target, cases, slow, seed: `${seed} ${fault.id} ${this.#plays++}`, full: true }
      // With a fault a time-out is the expected result, so it is judged even on an overloaded machine.
      const patience = !('breaks' in fault) || fault.breaks.length === 0 ? {} : { isOverloaded: () => false }
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

const inWords = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
