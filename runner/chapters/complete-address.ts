import { basename, join } from 'node:path'
import { protocolFolders } from './chapter.ts'
import { type FolderEntry, folderEntries, isYamlFile } from '../documents/folder-entries.ts'
import { isMapping, listOrEmpty, textOrEmpty } from '../documents/type-guards.ts'
import { YamlDocument } from '../documents/yaml-document.ts'

/**
 * Completes the beginning of an address to its next slash: protocols, then chapters, then cases. Reads only the files
 * that this requires, so that shell completion is fast, and does not check chapters.
 *
 * @throws InputError for a folder or a chapter that cannot be read
 */
export async function completeAddress(begun: string, dirs: readonly string[]): Promise<string[]> {
  const [folder = '', chapter = '', ...more] = begun.split('/')
  const found = begun.includes('/')
    ? await Promise.all(dirs.map((dir) => addressesIn(dir, folder, more.length > 0 ? chapter : undefined)))
    : [protocolFolders.map((name) => `${name}/`)]
  return [...new Set(found.flat())].filter((address) => address.startsWith(begun))
}

/** The addresses of the chapters in a protocol folder, or of the cases in one chapter. */
async function addressesIn(dir: string, folder: string, chapter: string | undefined): Promise<string[]> {
  const has = (await folderEntries(dir)).some(({ name, isFolder }) => isFolder && name === folder)
  const files = has ? (await folderEntries(join(dir, folder))).filter(isYamlFile) : []
  if (chapter === undefined) return files.map((file) => `${folder}/${chapterOf(file)}/`)
  const sources = files
    .filter((file) => chapterOf(file) === chapter)
    .map(({ path }) => YamlDocument.read(path))
  return (await Promise.all(sources)).flatMap(({ value }) =>
    idsIn(value).map((id) => `${folder}/${chapter}/${id}`),
  )
}

const chapterOf = ({ name }: FolderEntry): string => basename(name, '.yaml')

const idsIn = (chapter: unknown): string[] =>
  listOrEmpty(isMapping(chapter) ? chapter['cases'] : undefined).flatMap((one) =>
    isMapping(one) ? textOrEmpty(one['id']) : [],
  )
