import type { Case } from '../runner/index.ts'

/** One line for each instance: the address of its case and, in brackets, its name. */
export function idsOf(cases: readonly Case[]): string[] {
  return cases
    .flatMap(({ id, instances }) => instances.map(({ name }) => (name === '' ? id : `${id} [${name}]`)))
    .toSorted()
}

/** The ids in the file of pinned ids. */
export const pinned = (text: string): string[] => text.split('\n').filter((line) => line !== '')

/** The text of the file of pinned ids: ids are added, never removed. */
export function pinnedText(before: readonly string[], cases: readonly Case[]): string {
  return `${[...new Set([...before, ...idsOf(cases)])].toSorted().join('\n')}\n`
}
