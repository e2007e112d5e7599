import { resolve } from 'node:path'

import { select } from '../run/select.ts'
import type { Case } from '../spec/chapter.ts'
import { loadChapters } from '../spec/load.ts'
import { loadRegister } from '../spec/register.ts'
import { verbs } from '../steps/index.ts'
import { needs } from '../target/target.ts'
import type { Io } from './io.ts'
import type { SelectionFlags } from './options.ts'
import { requirementsFolder, specsFolder } from './paths.ts'

/**
 * The cases of the kit and of `--specs`, as far as the flags select them.
 * Throws InputError for a chapter that is not right and for a selection that holds nothing.
 */
export async function loadCases(flags: SelectionFlags, io: Pick<Io, 'cwd'>): Promise<Case[]> {
  const register = await loadRegister(requirementsFolder)
  const own = (flags.specs ?? []).map((folder) => resolve(io.cwd, folder))
  const chapters = await loadChapters([specsFolder, ...own], { verbs, needs, register })
  const all = chapters.flatMap((chapter) => chapter.cases)
  return select(all, {
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.skip === undefined ? {} : { skip: flags.skip }),
    ...(flags.level === undefined ? {} : { level: flags.level }),
  })
}

/** How many results the cases give. */
export const countInstances = (cases: readonly Case[]): number =>
  cases.reduce((sum, one) => sum + one.instances.length, 0)
