import type { Fault, Freedom } from '../../../fixtures/proxy/variant.ts'
import type { Case } from '../../chapters/chapter.ts'
import type { Result } from '../../run/result.ts'
import { catchesIn } from './detections.ts'
import type { ProveOptions } from './options.ts'
import type { FalseAlarm, Catch, Defect, NeedlessExpectation, NotPassing } from './proof.ts'
import type { Player } from './variant-player.ts'

/** Everything that was observed so far, and the player that observes more. */
export class Matrix {
  readonly catches: Catch[] = []
  readonly notPassing: NotPassing[] = []
  readonly falseAlarms: FalseAlarm[] = []
  readonly needless: NeedlessExpectation[] = []
  readonly defects: Defect[] = []
  /** Number of mutations of expectations that were tried. */
  mutations = 0
  readonly options: ProveOptions
  readonly #player: Player
  /** The names of the verbs that check the target. */
  readonly expectations: ReadonlySet<string>

  constructor(options: ProveOptions, player: Player) {
    this.options = options
    this.#player = player
    this.expectations = new Set(options.verbs.filter(({ expects }) => expects).map(({ name }) => name))
  }

  /** The detections with a fault; none if the proxy or the runner failed, because the results are then unreliable. */
  async detections(fault: Fault, cases: readonly Case[], slow?: number): Promise<Catch[]> {
    return catchesIn(await this.results(fault, cases, slow), fault, this.expectations)
  }

  /** The results behind a variant; none if the proxy or the runner failed. */
  async results(variant: Fault | Freedom, cases: readonly Case[], slow?: number): Promise<readonly Result[]> {
    const { results, defects } = await this.#player.play(variant, cases, slow)
    this.defects.push(...defects.map((what) => ({ fault: variant.id, what })))
    return defects.length > 0 ? [] : results
  }
}
