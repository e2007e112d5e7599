import type { Fault } from '../../fixtures/faults/proxy/fault.ts'
import type { Result } from '../run/result.ts'
import type { Case } from '../chapters/chapter.ts'
import { levels } from '../chapters/register/requirement.ts'
import type { Detection } from './proof.ts'

/** A detection for each result that is `fail` or `warn` behind the fault. */
export function detectionsIn(
  results: readonly Result[],
  fault: Fault,
  expectations: ReadonlySet<string>,
): Detection[] {
  return results.flatMap((result): Detection[] => {
    const { verdict, step, requirements } = result
    if ((verdict !== 'fail' && verdict !== 'warn') || step === undefined) return []
    return [
      {
        fault: fault.id,
        case: result.id,
        instance: result.instance,
        step: step.index,
        verb: step.verb,
        isExpectation: expectations.has(step.verb),
        verdict,
        reason: result.reason,
        related: requirements.some(({ id }) => fault.breaks.includes(id)),
      },
    ]
  })
}

/** Whether the detection proves the case: an expectation failed because of a requirement that the case proves. */
export const proves = ({ related, isExpectation }: Detection): boolean => related && isExpectation

const bindsFully = (level: string): boolean => levels.MUST.some((name) => name === level)

/** The requirements of the case that the detection shows to be broken. A warning of a MUST case that rests on a standard does not count for requirements of level MUST. */
export function requirementsShownBroken(one: Detection, entry: Case, fault: Fault): string[] {
  if (!proves(one) || one.case !== entry.id) return []
  const broken = entry.proves.filter(({ id }) => fault.breaks.includes(id))
  const isEnough = one.verdict === 'fail' || entry.level !== 'MUST' || entry.basis === 'profile'
  return broken.filter(({ level }) => isEnough || !bindsFully(level)).map(({ id }) => id)
}
