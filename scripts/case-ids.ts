import type { Case } from '../runner/index.ts'

/** One line for each instance: the address of its case and, in brackets, its name. */
export function idsOf(cases: readonly Case[]): string[] {
  return cases
    .flatMap(({ id, instances }) => instances.map(({ name }) => (name === '' ? id : `${id} [${name}]`)))
    .toSorted()
}

/** The ids that a file pins. */
export const pinned = (text: string): string[] => text.split('\n').filter((line) => line !== '')

/** What is pinned stays pinned: the file only ever grows by itself. */
export function pinnedText(before: readonly string[], cases: readonly Case[]): string {
  return `${[...new Set([...before, ...idsOf(cases)])].toSorted().join('\n')}\n`
}
