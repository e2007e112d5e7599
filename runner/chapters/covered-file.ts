import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Case } from './chapter.ts'
import { provedRequirements } from './coverage.ts'

/** The path of the file that pins the covered requirements. */
export const coveredFilePath = (requirementsFolder: string): string => join(requirementsFolder, 'covered.txt')

/** The ids in the file, in order. Lines that start with # are comments. */
export async function readCoveredFile(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

/** The content of the file for these cases. */
export const coveredFileText = (cases: readonly Case[]): string =>
  [
    '# Requirements that a case proves, sorted. A line may only go when its rule gets a "reason" in the register.',
    '# "npm run covered" adds what is new.',
    ...[...provedRequirements(cases)].toSorted(),
    '',
  ].join('\n')

/** A message for each pinned requirement that no case proves any more. */
export function lostCoverage(pinned: readonly string[], cases: readonly Case[]): string[] {
  const proved = provedRequirements(cases)
  return pinned
    .filter((id) => !proved.has(id))
    .map(
      (id) =>
        `no case proves "${id}" any more: restore its case, or remove its line from covered.txt and give a "reason" in the register`,
    )
}
