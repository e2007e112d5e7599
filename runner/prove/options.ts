import type { Fault } from '../../fixtures/faults/proxy/fault.ts'
import type { Case } from '../chapters/chapter.ts'
import type { Verb } from '../steps/language/verb.ts'
import type { FaultPlayerOptions } from './fault-player.ts'

export interface ProveOptions extends FaultPlayerOptions {
  readonly cases: readonly Case[]
  readonly faults: readonly Fault[]
  readonly verbs: readonly Verb[]
  /** Every requirement id. If undefined, the `breaks` of faults are not checked. */
  readonly requirements?: ReadonlySet<string>
  /** False when only some cases are given: a fault may then be caught by one of the others. */
  readonly everyCase?: boolean
  /** False when only some faults are given: a requirement may then be broken by one of the others. */
  readonly everyFault?: boolean
  /** How many unrelated cases are played behind each fault to find collateral damage. */
  readonly sample: number
  /** How many faults are tried concurrently. */
  readonly atOnce: number
  readonly onProgress: (done: number, total: number, what: string) => void
}
