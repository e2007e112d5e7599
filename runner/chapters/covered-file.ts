import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Case } from './chapter.ts'
import { provedRequirements } from './coverage.ts'

/** The file, in the folder of the register, that pins what is covered. */
export const coveredFilePath = (requirementsFolder: string): string => join(requirementsFolder, 'covered.txt')

/** The ids of the file, in its order. Lines that begin with # say what it is for. */
export async function readCoveredFile(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

/** The text of the file for these cases. */
export const coveredFileText = (cases: readonly Case[]): string =>
  [
    '# Requirements that a case proves, sorted. A line may only go when its rule gets a "reason" in the register.',
    '# "npm run covered" adds what is new.',
    ...[...provedRequirements(cases)].toSorted(),
    '',
  ].join('\n')

/** What each pinned requirement that no case proves any more asks for. */
export function lostCoverage(pinned: readonly string[], cases: readonly Case[]): string[] {
  const proved = provedRequirements(cases)
  return pinned
    .filter((id) => !proved.has(id))
    .map(
      (id) =>
        `no case proves "${id}" any more: give it back its case, or take its line out of covered.txt and say why under "reason" in the register`,
    )
}
