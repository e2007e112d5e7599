import type { TargetDescription } from '../description/schema.ts'

/** What a survey found at one address, as part of a target description. */
export interface Survey {
  readonly description: Omit<TargetDescription, 'target'>
  /** Sentences about what was observed, and about what cannot be observed from outside. */
  readonly seen: readonly string[]
}
