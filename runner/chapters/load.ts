import { basename } from 'node:path'
import { type Chapter, protocolFolders, kebabCase } from './chapter.ts'
import { didYouMean } from '../documents/did-you-mean.ts'
import { type FolderEntry, folderEntries, isYamlFile } from '../documents/folder-entries.ts'
import { Problems } from '../documents/problems.ts'
import { type Vocabulary, readChapter } from './read-chapter.ts'
import { YamlDocument, displayPath, fileError } from '../documents/yaml-document.ts'

/** Folders that are allowed next to the protocol folders. */
const otherFolders = ['requirements', 'schema']

/** A file whose folder and name mark it as a chapter. */
export interface ChapterFile {
  readonly path: string
  /** The protocol folder. */
  readonly folder: string
  /** `long-polling/holding` */
  readonly address: string
}

/**
 * Reads chapters from folders with the layout of `specs/`: a folder for each protocol with a file for each chapter.
 * The chapters are ordered by protocol as in the documentation, then by folder, then by name.
 *
 * @param isWanted selects the files to read (default: all)
 * @throws InputError with the problems of all files
 */
export async function loadChapters(
  dirs: readonly string[],
  vocabulary: Vocabulary,
  isWanted: (file: ChapterFile) => boolean = () => true,
): Promise<Chapter[]> {
  const problems = new Problems()
  const files: ChapterFile[] = []
  for (const dir of dirs) {
    const found = await problems.collect(() => chapterFiles(dir, problems))
    if (found !== undefined) files.push(...found)
  }
  noteDuplicateAddresses(files, problems)
  const chapters: Chapter[] = []
  for (const { path, folder, address } of inOrder(files.filter(isWanted))) {
    const document = await problems.collect(() => YamlDocument.read(path))
    if (document !== undefined) chapters.push(readChapter(document, folder, address, vocabulary, problems))
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
      note(problems, entry.path, `a chapter must be in one of these folders: ${protocolFolders.join(', ')}`)
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
      note(
        problems,
        path,
        'the name of a chapter file must be lower-case letters, digits and single hyphens, and end in .yaml',
      )
      return []
    }
    return { path, folder: folder.name, address: `${folder.name}/${chapter}` }
  })
}

/** An unknown folder is a mistake only if it contains YAML files. */
async function noteOtherFolder({ name, path }: FolderEntry, problems: Problems): Promise<void> {
  const chapters = (await folderEntries(path)).filter(isYamlFile)
  if (chapters.length === 0) return
  note(problems, path, `unknown protocol folder "${name}"${didYouMean(name, protocolFolders)}`)
}

function noteDuplicateAddresses(files: readonly ChapterFile[], problems: Problems): void {
  const first = new Map<string, string>()
  for (const { address, path } of files) {
    const other = first.get(address)
    if (other !== undefined)
      note(problems, path, `the chapter "${address}" exists already: ${displayPath(other)}`)
    first.set(address, other ?? path)
  }
}

function inOrder(files: readonly ChapterFile[]): ChapterFile[] {
  return files.toSorted((a, b) => protocolFolders.indexOf(a.folder) - protocolFolders.indexOf(b.folder))
}

function note(problems: Problems, file: string, text: string): void {
  problems.addAll(fileError(file, text).problems)
}
