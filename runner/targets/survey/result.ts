import type { TargetDescription } from '../description/schema.ts'

/** What one address turned out to be, in the words of the target description. */
export interface Survey {
  readonly description: Omit<TargetDescription, 'target'>
  /** Sentences: what was seen, and what cannot be seen from outside. */
  readonly seen: readonly string[]
}
