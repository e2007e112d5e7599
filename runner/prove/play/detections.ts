import type { Fault } from '../../../fixtures/proxy/variant.ts'
import type { Result } from '../../run/result.ts'
import type { Case } from '../../chapters/chapter.ts'
import { levels } from '../../chapters/register/requirement.ts'
import type { Catch } from './proof.ts'

/** The results that show the fault: failures and warnings that a step caused. */
export function catchesIn(
  results: readonly Result[],
  fault: Fault,
  expectations: ReadonlySet<string>,
): Catch[] {
  return results.flatMap((result): Catch[] => {
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

/** Whether the catch proves the case: an expectation failed, and the fault breaks a requirement of the case. */
export const proves = ({ related, isExpectation }: Catch): boolean => related && isExpectation

const bindsFully = (level: string): boolean => levels.MUST.some((name) => name === level)

/** The requirements of the case that the catch proves. A warning of a MUST case does not prove a MUST requirement. */
export function shownBroken(one: Catch, entry: Case, fault: Fault): string[] {
  if (!proves(one) || one.case !== entry.id) return []
  const broken = entry.proves.filter(({ id }) => fault.breaks.includes(id))
  const isEnough = one.verdict === 'fail' || entry.level !== 'MUST' || entry.basis === 'profile'
  return broken.filter(({ level }) => isEnough || !bindsFully(level)).map(({ id }) => id)
}
