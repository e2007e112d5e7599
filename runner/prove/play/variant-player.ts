import type { Fault, Freedom } from '../../../fixtures/proxy/variant.ts'
import { startVariantProxy } from '../../../fixtures/proxy/proxy.ts'
import { createReferenceServer, type ReferenceServer } from '../../../reference-server/index.ts'
import type { Result } from '../../run/result.ts'
import { run } from '../../run/run.ts'
import type { Case } from '../../chapters/chapter.ts'
import type { Target } from '../../targets/target.ts'

export interface PlayerOptions {
  /** The description of the reference server; its `target` is replaced. */
  readonly described: Target
  /** Number of instances that are played concurrently behind one variant. */
  readonly concurrency: number
  /** Factor for every time-out: with a fault many waits last until their time-out. */
  readonly slow: number
  readonly seed: string
  readonly signal: AbortSignal
}

/** The results of cases behind one variant. */
export interface VariantResults {
  readonly results: readonly Result[]
  /** Errors in the proxy or the runner; if there are any, the results are unreliable. */
  readonly defects: readonly string[]
}

/** Changes nothing: shows that the proxy alone makes no case fail. */
export const noFault: Fault = { id: 'no-fault', about: 'Nothing is changed.', breaks: [], touches: [] }

/** Plays cases behind variants of the server. */
export interface Player {
  /** Plays the cases behind the variant. `slow`: factor for every time-out instead of the one of the options. */
  play(variant: Fault | Freedom, cases: readonly Case[], slow?: number): Promise<VariantResults>
  close(): Promise<void> | void
}

/** Whether the case restarts the server, which disturbs all other cases on the same server. */
const restarts = ({ instances }: Case): boolean => instances.some(({ needs }) => needs.includes('restart'))

/** Plays in this process. The variants share one reference server, except cases that restart it and variants with other options. */
export class VariantPlayer implements Player {
  readonly #options: PlayerOptions
  #shared: Promise<{ server: ReferenceServer; url: URL }> | undefined
  #plays = 0

  constructor(options: PlayerOptions) {
    this.#options = options
  }

  async play(
    variant: Fault | Freedom,
    cases: readonly Case[],
    slow = this.#options.slow,
  ): Promise<VariantResults> {
    if (variant.reference === undefined && !cases.some(restarts))
      return this.#proxied(variant, cases, (await this.#server()).url, slow)
    const server = createReferenceServer(variant.reference)
    try {
      return await this.#proxied(variant, cases, await server.listen(0), slow)
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
    variant: Fault | Freedom,
    cases: readonly Case[],
    upstream: URL,
    slow: number,
  ): Promise<VariantResults> {
    const defects: string[] = []
    const noteDefect = (error: unknown): void => void defects.push(inWords(error))
    const { described, seed } = this.#options
    const describe = 'describe' in variant ? variant.describe : undefined
    const proxy = await startVariantProxy(upstream, described.description, variant, { onDefect: noteDefect })
    const through = described.through(proxy.url)
    const target = describe === undefined ? through : through.as(describe(through.description), through.took)
    const results: Result[] = []
    try {
      // On the shared server no two plays may use the same channel, so each has its own seed.
      const own = { target, cases, slow, seed: `${seed} ${variant.id} ${this.#plays++}`, full: true }
      // With a fault a time-out is the expected result, so it is judged even on an overloaded machine.
      const patience =
        !('breaks' in variant) || variant.breaks.length === 0 ? {} : { isOverloaded: () => false }
      for await (const result of run({ ...this.#options, ...own, ...patience }))
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
