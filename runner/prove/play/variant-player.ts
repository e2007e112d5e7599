import type { Fault, Freedom } from '../../../fixtures/proxy/variant.ts'
import { createReferenceServer, type ReferenceServer } from '../../../reference-server/index.ts'
import type { Case } from '../../chapters/chapter.ts'
import type { Target } from '../../targets/target.ts'
import { playBehindProxy, type PlaySettings, type VariantResults } from './play-on-target.ts'

export interface PlayerOptions extends PlaySettings {
  /** The description of the reference server; its `target` is replaced. */
  readonly described: Target
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

  #proxied(
    variant: Fault | Freedom,
    cases: readonly Case[],
    upstream: URL,
    slow: number,
  ): Promise<VariantResults> {
    const { described, seed } = this.#options
    // On the shared server no two plays may use the same channel, so each has its own seed.
    const settings = { ...this.#options, slow, seed: `${seed} ${variant.id} ${this.#plays++}` }
    return playBehindProxy(variant, described, upstream, cases, settings)
  }
}
