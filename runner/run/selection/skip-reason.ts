import type { Case, Instance } from '../../chapters/chapter.ts'
import { largestMessage } from './largest-message.ts'
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
  if (missing === undefined) return tooLarge(instance, target)
  return { reason: `the target has no ${missing.need}`, enable: missing.ability.enable }
}

/** An instance that sends a larger message than the target accepts cannot be judged. */
function tooLarge(
  instance: Instance,
  { description }: Target,
): { reason: string; enable: string } | undefined {
  const most = description.websocket?.maxMessage
  if (most === undefined || !instance.needs.some((need) => need.startsWith('websocket'))) return undefined
  const bytes = largestMessage(instance)
  if (bytes <= most) return undefined
  return { reason: `it sends a message of ${bytes} bytes, and the target accepts ${most}`, enable: '' }
}
