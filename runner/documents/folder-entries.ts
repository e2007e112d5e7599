import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from './type-guards.ts'
import { fileError } from './yaml-document.ts'

export interface FolderEntry {
  readonly name: string
  /** Includes the path of the folder. */
  readonly path: string
  readonly isFolder: boolean
}

/**
 * The entries of a folder, sorted by name, without those that start with a dot.
 * @throws InputError if there is no such folder
 */
export async function folderEntries(folder: string): Promise<FolderEntry[]> {
  const entries = await readFolder(folder)
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => ({ name: entry.name, path: join(folder, entry.name), isFolder: entry.isDirectory() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** A file named `.yaml` or `.yml`. */
export const isYamlFile = ({ name, isFolder }: FolderEntry): boolean => !isFolder && /\.ya?ml$/.test(name)

async function readFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') throw fileError(folder, 'there is no such folder')
    if (code === 'ENOTDIR') throw fileError(folder, 'this is a file, but a folder is needed')
    throw error
  }
}
