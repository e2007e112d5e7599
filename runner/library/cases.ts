import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { maySelectBelow, select, type Selection, SelectionError } from '../run/selection/select.ts'
import type { Case } from '../chapters/chapter.ts'
import { type ChapterFile, loadChapters } from '../chapters/load.ts'
import { loadRegister, type Register } from '../chapters/register/register.ts'
import { verbs } from '../steps/index.ts'
import { needs } from '../targets/description/needs.ts'
import { requirementsFolder, specsFolder } from '../package/paths.ts'

/** Selects cases; default: all cases of the kit. */
export interface SelectionSettings extends Selection {
  /** Folders with additional chapters, structured like `specs/`. */
  readonly specs?: readonly string[]
}

// The files of the package cannot change while the process runs, so they are read once.
let kitRegister: Promise<Register> | undefined
let kitCases: Promise<Case[]> | undefined

/** The requirements of the kit and those in `requirements/` of the folders in `specs`, relative to `cwd`. */
export function loadRequirements(
  { specs = [] }: Pick<SelectionSettings, 'specs'> = {},
  cwd = process.cwd(),
): Promise<Register> {
  const folders = specs
    .map((folder) => join(resolve(cwd, folder), 'requirements'))
    .filter((folder) => existsSync(folder))
  if (folders.length > 0) return loadRegister(requirementsFolder, ...folders)
  return (kitRegister ??= loadRegister(requirementsFolder))
}

/**
 * The selected cases of the kit and of the folders in `specs`, relative to `cwd`.
 * @throws InputError for an invalid chapter, SelectionError for a selection without cases.
 */
export async function loadCases(
  selection: SelectionSettings = {},
  cwd: string = process.cwd(),
): Promise<Case[]> {
  const { specs = [], only = [] } = selection
  const register = await loadRequirements(selection, cwd)
  if (specs.length === 0 && (only.length === 0 || kitCases !== undefined))
    return select(await (kitCases ??= readCases([specsFolder], register)), selection)
  const folders = [specsFolder, ...specs.map((folder) => resolve(cwd, folder))]
  try {
    // Read only those of the kit's own chapters that can hold a selected case.
    const cases = await readCases(
      folders,
      register,
      ({ path, address }) => !path.startsWith(specsFolder) || maySelectBelow(address, selection),
    )
    return select(cases, selection)
  } catch (error) {
    if (!(error instanceof SelectionError)) throw error
    // The message with the nearest names needs all chapters.
    return select(await readCases(folders, register), selection)
  }
}

/**
 * The selected cases of the folders in `specs` alone, relative to `cwd`.
 * @throws InputError for an invalid chapter, SelectionError for a selection without cases.
 */
export async function loadOwnCases(selection: SelectionSettings, cwd: string): Promise<Case[]> {
  const { specs = [] } = selection
  const folders = specs.map((folder) => resolve(cwd, folder))
  return select(await readCases(folders, await loadRequirements(selection, cwd)), selection)
}

async function readCases(
  folders: readonly string[],
  register: Register,
  isWanted?: (file: ChapterFile) => boolean,
): Promise<Case[]> {
  const chapters = await loadChapters(folders, { verbs, needs, register }, isWanted)
  return chapters.flatMap(({ cases }) => cases)
}

/** Number of results that the cases give. */
export const countInstances = (cases: readonly Case[]): number =>
  cases.reduce((sum, one) => sum + one.instances.length, 0)
