import { resolve } from 'node:path'

import { mayHold, select, type Selection, SelectionError } from '../run/select.ts'
import type { Case } from '../spec/chapter.ts'
import { type ChapterFile, loadChapters } from '../spec/load.ts'
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
  const selection: Selection = {
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.skip === undefined ? {} : { skip: flags.skip }),
    ...(flags.level === undefined ? {} : { level: flags.level }),
  }
  const selected = async (isWanted?: (file: ChapterFile) => boolean): Promise<Case[]> => {
    const chapters = await loadChapters([specsFolder, ...own], { verbs, needs, register }, isWanted)
    return select(
      chapters.flatMap(({ cases }) => cases),
      selection,
    )
  }
  try {
    // Of the kit's own chapters only those are read that the selection can be about.
    return await selected(({ path, address }) => !path.startsWith(specsFolder) || mayHold(address, selection))
  } catch (error) {
    if (!(error instanceof SelectionError)) throw error
    // Whether a name is known, and what is near to it, shows only among all.
    return selected()
  }
}

/** How many results the cases give. */
export const countInstances = (cases: readonly Case[]): number =>
  cases.reduce((sum, one) => sum + one.instances.length, 0)
