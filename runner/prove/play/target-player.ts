import type { Fault, Freedom } from '../../../fixtures/proxy/variant.ts'
import type { Case } from '../../chapters/chapter.ts'
import type { Target } from '../../targets/target.ts'
import { playBehindProxy, playOn, type PlaySettings, type VariantResults } from './play-on-target.ts'
import type { Player } from './variant-player.ts'

/** Servers that a chapter of one's own is proved with. */
export interface OwnServers {
  /** Keeps every rule. Faults are added to it by a proxy. */
  readonly good: Target
  /** Break rules; by the id of the fault which each of them is. */
  readonly broken: ReadonlyMap<string, Target>
}

/** Plays on given servers instead of the reference server. */
export class TargetPlayer implements Player {
  readonly #servers: OwnServers
  readonly #settings: PlaySettings
  #plays = 0

  constructor(servers: OwnServers, settings: PlaySettings) {
    this.#servers = servers
    this.#settings = settings
  }

  play(
    variant: Fault | Freedom,
    cases: readonly Case[],
    slow = this.#settings.slow,
  ): Promise<VariantResults> {
    const { good, broken } = this.#servers
    const seed = `${this.#settings.seed} ${variant.id} ${this.#plays++}`
    const settings = { ...this.#settings, slow, seed }
    const target = broken.get(variant.id)
    if (target !== undefined) return playOn(target, variant, cases, settings)
    return playBehindProxy(variant, good, good.base, cases, settings)
  }

  /** The servers belong to whoever gave them. */
  close(): void {}
}
