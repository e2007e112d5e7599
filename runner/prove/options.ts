import type { Fault, Freedom } from '../../fixtures/proxy/variant.ts'
import type { Case } from '../chapters/chapter.ts'
import type { Verb } from '../steps/language/verb.ts'
import type { FaultPlayerOptions } from './fault-player.ts'

export interface ProveOptions extends FaultPlayerOptions {
  readonly cases: readonly Case[]
  readonly faults: readonly Fault[]
  /** Conforming variants: no case may fail or warn behind one. */
  readonly freedoms: readonly Freedom[]
  readonly verbs: readonly Verb[]
  /** Every requirement id; undefined: the ids in `breaks` are not checked. */
  readonly requirements?: ReadonlySet<string>
  /** False if `cases` is a selection: a fault that none of them catches may be caught by another case. */
  readonly everyCase?: boolean
  /** False if `faults` is a selection: a requirement that none of them breaks may be broken by another fault. */
  readonly everyFault?: boolean
  /** Number of unrelated cases that are played with each fault, to find collateral damage. */
  readonly sample: number
  /** Number of faults that are tested concurrently. */
  readonly atOnce: number
  readonly onProgress: (done: number, total: number, what: string) => void
}
