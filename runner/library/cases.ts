import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { mayHold, select, type Selection, SelectionError } from '../run/selection/select.ts'
import type { Case } from '../chapters/chapter.ts'
import { type ChapterFile, loadChapters } from '../chapters/load.ts'
import { loadRegister, type Register } from '../chapters/register/register.ts'
import { verbs } from '../steps/index.ts'
import { needs } from '../targets/description/needs.ts'
import type { Io } from '../cli/io.ts'
import type { SelectionFlags } from '../cli/options.ts'
import { requirementsFolder, specsFolder } from './paths.ts'

const ownFolders = ({ specs = [] }: Pick<SelectionFlags, 'specs'>, io: Pick<Io, 'cwd'>): string[] =>
  specs.map((folder) => resolve(io.cwd, folder))

/** The register of the kit is part of the package: it is read once. */
let kitRegister: Promise<Register> | undefined

/** The requirements of the kit, and those that stand in `requirements/` of the folders of `--specs`. */
export function registerOf(flags: Pick<SelectionFlags, 'specs'>, io: Pick<Io, 'cwd'>): Promise<Register> {
  const own = ownFolders(flags, io)
    .map((folder) => join(folder, 'requirements'))
    .filter((folder) => existsSync(folder))
  if (own.length > 0) return loadRegister(requirementsFolder, ...own)
  return (kitRegister ??= loadRegister(requirementsFolder))
}

/**
 * The cases of the kit and of `--specs`, as far as the flags select them.
 * Throws InputError for a chapter that is not right and for a selection that holds nothing.
 */
export async function loadCases(flags: SelectionFlags, io: Pick<Io, 'cwd'>): Promise<Case[]> {
  const own = ownFolders(flags, io)
  const register = await registerOf(flags, io)
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
