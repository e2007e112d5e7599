import { basename } from 'node:path'
import { type Chapter, protocolFolders, kebabCase } from './chapter.ts'
import { didYouMean } from '../documents/did-you-mean.ts'
import { type FolderEntry, folderEntries, isYamlFile } from '../documents/folder-entries.ts'
import { Problems } from '../documents/problems.ts'
import { type Vocabulary, readChapter } from './read-chapter.ts'
import { YamlDocument, displayPath, fileError } from '../documents/yaml-document.ts'

/** Folders that may stand next to those of the chapters. */
const otherFolders = ['requirements', 'schema']

/** A file that is a chapter by its place and name. */
export interface ChapterFile {
  readonly path: string
  readonly folder: string
  readonly address: string
}

/**
 * Reads the chapters of folders that are laid out like `specs/`: a folder for each protocol, in it a file for each
 * chapter. In the order of the documentation, then of the folders asked for, then by name.
 *
 * @param isWanted which of them are read (default: all)
 * @throws InputError with the problems of all files
 */
export async function loadChapters(
  dirs: readonly string[],
  options: Vocabulary,
  isWanted: (file: ChapterFile) => boolean = () => true,
): Promise<Chapter[]> {
  const problems = new Problems()
  const files: ChapterFile[] = []
  for (const dir of dirs) {
    const found = await problems.collect(() => chapterFiles(dir, problems))
    if (found !== undefined) files.push(...found)
  }
  noteSameAddress(files, problems)
  const chapters: Chapter[] = []
  for (const { path, folder, address } of inOrder(files.filter(isWanted))) {
    const source = await problems.collect(() => YamlDocument.read(path))
    if (source !== undefined) chapters.push(readChapter(source, folder, address, options, problems))
  }
  problems.throwIfAny()
  return chapters
}

async function chapterFiles(dir: string, problems: Problems): Promise<ChapterFile[]> {
  const before = problems.count
  const files: ChapterFile[] = []
  for (const entry of await folderEntries(dir)) {
    if (entry.isFolder && protocolFolders.includes(entry.name))
      files.push(...(await chapterFilesIn(entry, problems)))
    else if (entry.isFolder && !otherFolders.includes(entry.name)) await noteOtherFolder(entry, problems)
    else if (isYamlFile(entry))
      note(problems, entry.path, `a chapter stands in a folder: ${protocolFolders.join(', ')}`)
  }
  if (files.length === 0 && problems.count === before)
    note(problems, dir, 'there is no chapter in this folder')
  return files
}

async function chapterFilesIn(folder: FolderEntry, problems: Problems): Promise<ChapterFile[]> {
  const files = (await folderEntries(folder.path)).filter(isYamlFile)
  return files.flatMap(({ name, path }) => {
    const chapter = basename(name, '.yaml')
    if (!kebabCase.test(chapter)) {
      note(problems, path, 'a chapter is called by small letters, digits and hyphens, and ends in .yaml')
      return []
    }
    return { path, folder: folder.name, address: `${folder.name}/${chapter}` }
  })
}

/** A folder that no protocol has is an error only if somebody put a chapter into it. */
async function noteOtherFolder({ name, path }: FolderEntry, problems: Problems): Promise<void> {
  const chapters = (await folderEntries(path)).filter(isYamlFile)
  if (chapters.length === 0) return
  note(problems, path, `unknown protocol folder "${name}"${didYouMean(name, protocolFolders)}`)
}

function noteSameAddress(files: readonly ChapterFile[], problems: Problems): void {
  const first = new Map<string, string>()
  for (const { address, path } of files) {
    const other = first.get(address)
    if (other !== undefined)
      note(problems, path, `the chapter "${address}" is there already: ${displayPath(other)}`)
    first.set(address, other ?? path)
  }
}

function inOrder(files: readonly ChapterFile[]): ChapterFile[] {
  return files.toSorted((a, b) => protocolFolders.indexOf(a.folder) - protocolFolders.indexOf(b.folder))
}

function note(problems: Problems, file: string, text: string): void {
  problems.addAll(fileError(file, text).problems)
}
