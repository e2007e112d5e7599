import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { select } from '../run/select.ts'
import type { Case } from '../spec/chapter.ts'
import { loadChapters } from '../spec/load.ts'
import { loadRegister, type Register } from '../spec/register.ts'
import { verbs } from '../steps/index.ts'
import { needs } from '../target/target.ts'
import type { Io } from './io.ts'
import type { SelectionFlags } from './options.ts'
import { requirementsFolder, specsFolder } from './paths.ts'

const ownFolders = ({ specs = [] }: Pick<SelectionFlags, 'specs'>, io: Pick<Io, 'cwd'>): string[] =>
  specs.map((folder) => resolve(io.cwd, folder))

/** The requirements of the kit, and those that stand in `requirements/` of the folders of `--specs`. */
export function registerOf(flags: Pick<SelectionFlags, 'specs'>, io: Pick<Io, 'cwd'>): Promise<Register> {
  const own = ownFolders(flags, io).map((folder) => join(folder, 'requirements'))
  return loadRegister(requirementsFolder, ...own.filter((folder) => existsSync(folder)))
}

/**
 * The cases of the kit and of `--specs`, as far as the flags select them.
 * Throws InputError for a chapter that is not right and for a selection that holds nothing.
 */
export async function loadCases(flags: SelectionFlags, io: Pick<Io, 'cwd'>): Promise<Case[]> {
  const own = ownFolders(flags, io)
  const register = await registerOf(flags, io)
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
