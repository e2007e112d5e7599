import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../runner/package/paths.ts'
import { schemas } from './schemas.ts'
import { loadCases } from '../runner/index.ts'
import { gradesOf } from './case-grades.ts'
import { pinned, pinnedText } from './case-ids.ts'
import { targetPage, verbsPage } from './reference-pages.ts'

/** Text of files that are generated from the code and checked in, by path. */
export type Files = Readonly<Record<string, string>>

export const idsFile = 'test/specs/ids.txt'

async function ids(): Promise<Files> {
  const before = await readFile(join(packageRoot, idsFile), 'utf8').catch(() => '')
  return { [idsFile]: pinnedText(pinned(before), await loadCases()) }
}

/** Levels, grades, titles and requirements of all cases, so that a review sees each change of a verdict. */
async function grades(): Promise<Files> {
  return { 'test/specs/grades.txt': `${gradesOf(await loadCases()).join('\n')}\n` }
}

/** Generators by the name of the npm script that runs them. */
export const generated: Readonly<Record<string, () => Files | Promise<Files>>> = {
  schemas: () =>
    Object.fromEntries(Object.entries(schemas()).map(([name, text]) => [`specs/schema/${name}`, text])),
  'docs:reference': () => ({ 'docs/verbs.md': verbsPage(), 'docs/target-reference.md': targetPage() }),
  ids,
  grades,
}
