import type { Case, Instance } from '../../chapters/chapter.ts'
import type { Target } from '../../targets/target.ts'

/** Why an instance is not played on this target, or undefined if it is. */
export function skipReasonOf(
  entry: Case,
  instance: Instance,
  target: Target,
  full: boolean,
): { reason: string; enable: string } | undefined {
  if (entry.full && !full) return { reason: 'takes long: only --full plays it', enable: '' }
  const missing = instance.needs
    .map((need) => ({ need, ability: target.ability(need) }))
    .find(({ ability }) => !ability.has)
  return missing && { reason: `the target has no ${missing.need}`, enable: missing.ability.enable }
}
