import type { Result } from '../run/result.ts'

/** `protocol/chapter/case [instance]`. */
export const instanceName = ({ id, instance }: Pick<Result, 'id' | 'instance'>): string =>
  instance === '' ? id : `${id} [${instance}]`

/** Whether it says something against the target. */
export const isFailOrWarn = ({ verdict }: Pick<Result, 'verdict'>): boolean =>
  verdict === 'fail' || verdict === 'warn'

/** The first two parts of an address. */
export const chapterAddress = ({ id }: Pick<Result, 'id'>): string => id.split('/').slice(0, 2).join('/')

/** `RFC 6455 section 5.5.2 (MUST)` for each requirement, without repeats. */
export const requirementSources = ({ requirements }: Pick<Result, 'requirements'>): string =>
  [
    ...new Set(requirements.map(({ source, section, level }) => `${source} section ${section} (${level})`)),
  ].join('; ')

/** What went wrong, in lines: for reports that have room for a few. */
export function explanationLines(result: Result): string[] {
  const { expected, observed, reason, step } = result
  return [
    ...(isFailOrWarn(result) ? [`expected: ${expected}`, `observed: ${observed}`] : [`reason: ${reason}`]),
    `requirement: ${requirementSources(result)}`,
    ...result.requirements.map(({ text }) => text),
    ...(step === undefined ? [] : [`step ${step.index + 1} (${step.verb}) at ${step.at}`]),
  ]
}
