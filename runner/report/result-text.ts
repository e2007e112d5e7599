import type { Requirement } from '../chapters/register/requirement.ts'
import type { Result } from '../run/result.ts'

/** Address and instance: `websocket/framing/echo [size=3]`. */
export const instanceName = ({ id, instance }: Pick<Result, 'id' | 'instance'>): string =>
  instance === '' ? id : `${id} [${instance}]`

/** Whether the result is a finding against the target. */
export const isFailOrWarn = ({ verdict }: Pick<Result, 'verdict'>): boolean =>
  verdict === 'fail' || verdict === 'warn'

/** The first two parts of an address. */
export const chapterAddress = ({ id }: Pick<Result, 'id'>): string => id.split('/').slice(0, 2).join('/')

/** `RFC 6455 section 5.5.2`, or `Practice, nchan` where the section has no number. */
export const citation = ({ source, section }: Pick<Requirement, 'source' | 'section'>): string => {
  if (section === '' || section === source) return source
  return /^\d/.test(section) ? `${source} section ${section}` : `${source}, ${section}`
}

/** `RFC 6455 section 5.5.2 (MUST)` for each requirement, without duplicates. */
export const requirementSources = ({ requirements }: Pick<Result, 'requirements'>): string =>
  [...new Set(requirements.map((one) => `${citation(one)} (${one.level})`))].join('; ')

/** Expectation, observation, requirements and step, one a line; for reports that show no transcript. */
export function explanationLines(result: Result): string[] {
  const { expected, observed, reason, step } = result
  return [
    ...(isFailOrWarn(result) ? [`expected: ${expected}`, `observed: ${observed}`] : [`reason: ${reason}`]),
    `requirement: ${requirementSources(result)}`,
    ...result.requirements.map(({ text }) => text),
    ...(step === undefined ? [] : [`step ${step.index + 1} (${step.verb}) at ${step.at}`]),
  ]
}
