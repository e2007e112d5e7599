import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../runner/package/paths.ts'
import { schemas } from './schemas.ts'
import { loadCases } from '../runner/index.ts'
import { pinned, pinnedText } from './case-ids.ts'
import { targetPage, verbsPage } from './reference-pages.ts'

/** Text of files that are generated from the code and checked in, by path. */
export type Files = Readonly<Record<string, string>>

export const idsFile = 'test/specs/ids.txt'

async function ids(): Promise<Files> {
  const before = await readFile(join(packageRoot, idsFile), 'utf8').catch(() => '')
  return { [idsFile]: pinnedText(pinned(before), await loadCases()) }
}

/** Generators by the name of the npm script that runs them. */
export const generated: Readonly<Record<string, () => Files | Promise<Files>>> = {
  schemas: () =>
    Object.fromEntries(Object.entries(schemas()).map(([name, text]) => [`specs/schema/${name}`, text])),
  'docs:reference': () => ({ 'docs/verbs.md': verbsPage(), 'docs/target-reference.md': targetPage() }),
  ids,
}
