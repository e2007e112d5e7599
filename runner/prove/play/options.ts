import type { Fault, Freedom } from '../../../fixtures/proxy/variant.ts'
import type { Case } from '../../chapters/chapter.ts'
import type { Verb } from '../../steps/language/verb.ts'
import type { Player, PlayerOptions } from './variant-player.ts'

export interface ProveOptions extends PlayerOptions {
  readonly cases: readonly Case[]
  readonly faults: readonly Fault[]
  /** Conforming variants: no case may fail or warn behind one. */
  readonly freedoms: readonly Freedom[]
  readonly verbs: readonly Verb[]
  /** Every requirement id; undefined: the ids in `breaks` are not checked. */
  readonly requirements?: ReadonlySet<string>
  /** False if `cases` is a selection: a fault that none of them catches may be caught by another case. */
  readonly everyCase?: boolean
  /** The ids of the faults that one of the cases must detect, even if `cases` is a selection. */
  readonly mustBeDetected?: ReadonlySet<string>
  /** False if `faults` is a selection: a requirement that none of them breaks may be broken by another fault. */
  readonly everyFault?: boolean
  /** Also show that each instance detects a fault, and that each demand of an expectation is needed (default: true). */
  readonly everyDemand?: boolean
  /** Also every instance of the cases that take long, of which otherwise only the first is played. */
  readonly full?: boolean
  /** Number of unrelated cases that are played with each fault, to find collateral damage. */
  readonly sample: number
  /** Number of variants that are played concurrently. */
  readonly atOnce: number
  /** Plays the cases (default: in this process); it is not closed. */
  readonly player?: Player
  readonly onProgress: (done: number, total: number, what: string) => void
}
