import { isUtf8 } from 'node:buffer'
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, relative, sep } from 'node:path'
import {
  type Document,
  LineCounter,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Composer,
  Parser,
  YAMLParseError,
} from 'yaml'
import { errorCode } from './type-guards.ts'
import { InputError, type Place, type Problem } from './problems.ts'
import { type YamlFinding, findUnsupportedYaml, findExcessiveNesting } from './yaml-restrictions.ts'

/** A path in a document: keys of mappings and indexes of lists. */
export type DocumentPath = readonly (string | number)[]

/** Largest size of a file, far above any that people write by hand. */
const mostBytes = 4 * 1024 * 1024

/** Messages that replace those of the YAML library, by its error code. */
const messages: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a file must contain one document: remove the ---',
}

/** The content of one YAML file, with the place of each part. */
export class YamlDocument {
  /** Strings, numbers, booleans, null, arrays and plain objects. */
  readonly value: unknown
  readonly file: string
  readonly #document: Document.Parsed
  readonly #lines: LineCounter

  private constructor(file: string, document: Document.Parsed, lines: LineCounter) {
    this.file = file
    this.#document = document
    this.#lines = lines
    // findUnsupportedYaml has limited the expansion of aliases.
    this.value = document.toJS({ maxAliasCount: -1 })
  }

  /**
   * Parses YAML 1.2 that is plain data: one document, unique keys of text, no merge keys, no tags.
   * @throws InputError with all problems
   */
  static parse(text: string, file: string): YamlDocument {
    const shown = displayPath(file)
    if (Buffer.byteLength(text) > mostBytes) throw fileError(shown, 'the file has more than 4 MiB')
    const lines = new LineCounter()
    const document = documentOf(text, lines, shown)
    const found = findingsIn(document)
    if (found.length > 0) throw inputError(found, lines, shown)
    return new YamlDocument(shown, document, lines)
  }

  /**
   * Reads and parses a file.
   * @throws InputError also if the file does not exist, is no regular file, is too large, or is not UTF-8
   */
  static async read(file: string): Promise<YamlDocument> {
    const shown = displayPath(file)
    const bytes = await read(file, shown)
    if (!isUtf8(bytes)) throw fileError(shown, 'the file is not UTF-8')
    return YamlDocument.parse(new TextDecoder().decode(bytes), file)
  }

  /**
   * The place of a part of the document: of its key (in a list, of the entry), or of its value.
   * If the path does not exist, the place of its deepest existing part.
   */
  place(path: DocumentPath, of: 'key' | 'value' = 'key'): Place {
    let node: unknown = this.#document.contents
    let offset = offsetOf(node)
    for (const part of path) {
      const child = childOf(this.#resolved(node), part)
      if (child === undefined) break
      node = child.value
      offset = offsetOf(child.key) ?? offsetOf(node) ?? offset
    }
    if (of === 'value' && isScalar(this.#resolved(node))) offset = offsetOf(node) ?? offset
    return placeAt(this.#lines, this.file, offset ?? 0)
  }

  /** A problem at the place of a path. */
  problem(path: DocumentPath, text: string, of: 'key' | 'value' = 'key'): Problem {
    return { place: this.place(path, of), text }
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node
  }
}

/** The path of a file in messages: relative if the file is in the working directory. */
export function displayPath(file: string): string {
  if (!isAbsolute(file)) return file
  const within = relative(process.cwd(), file)
  return within === '' || within === '..' || within.startsWith(`..${sep}`) || isAbsolute(within)
    ? file
    : within
}

/** An error about a whole file. */
export const fileError = (file: string, text: string): InputError =>
  new InputError([{ place: { file: displayPath(file), line: 1, column: 1 }, text }])

async function read(file: string, shown: string): Promise<Buffer> {
  try {
    const facts = await stat(file)
    if (facts.isDirectory()) throw fileError(shown, 'this is a folder, but a file is needed')
    if (!facts.isFile()) throw fileError(shown, 'this is not a regular file')
    if (facts.size > mostBytes) throw fileError(shown, 'the file has more than 4 MiB')
    return await readFile(file)
  } catch (error) {
    if (error instanceof InputError) throw error
    throw fileError(shown, unreadable(error))
  }
}

function unreadable(error: unknown): string {
  const code = errorCode(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'this user has no permission to read the file'
  return `the file cannot be read: ${code === '' ? String(error) : code}`
}

function documentOf(text: string, lines: LineCounter, file: string): Document.Parsed {
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  const deep = findExcessiveNesting(tokens)
  if (deep !== undefined) throw inputError([deep], lines, file)
  const composer = new Composer({
    prettyErrors: false,
    schema: 'core',
    resolveKnownTags: false,
    uniqueKeys: false,
  })
  const [document, second] = composer.compose(tokens, true, text.length)
  if (document === undefined) throw new Error('the YAML library gives a document even for no text')
  if (second !== undefined)
    document.errors.push(new YAMLParseError([second.range[0], second.range[1]], 'MULTIPLE_DOCS', ''))
  return document
}

/** The errors of the parser or, without any, unsupported YAML. */
function findingsIn(document: Document.Parsed): YamlFinding[] {
  const found = [...document.errors, ...document.warnings]
  if (found.length === 0) return findUnsupportedYaml(document)
  return found.map(({ code, message, pos }) => ({ offset: pos[0], text: messages[code] ?? message }))
}

const inputError = (found: readonly YamlFinding[], lines: LineCounter, file: string): InputError =>
  new InputError(found.map(({ offset, text }) => ({ place: placeAt(lines, file, offset), text })))

function childOf(node: unknown, part: string | number): { key: unknown; value: unknown } | undefined {
  if (isSeq(node)) {
    const value = typeof part === 'number' ? node.items[part] : undefined
    return value === undefined ? undefined : { key: undefined, value }
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(part))
  return pair && { key: pair.key, value: pair.value }
}

const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)

function placeAt(lines: LineCounter, file: string, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
}
