import { isUtf8 } from 'node:buffer'
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, relative, sep } from 'node:path'
import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  YAMLParseError,
} from 'yaml'
import { errorCode } from './plain.ts'
import { InputError, type Place, type Problem } from './problems.ts'
import { type Finding, audit, tooDeep } from './plain-yaml.ts'

export { InputError, type Place, type Problem } from './problems.ts'

/** A way into a document: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[]

/** Bytes that a file may have; none that people write by hand comes near. */
const mostBytes = 4 * 1024 * 1024

/** Findings of the YAML library that are shown in other words than its own. */
const wording: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a file holds one document: take the --- out',
}

/** The YAML of one file, as a plain value that still knows where each part stands. */
export class Source {
  /** What the file says: strings, numbers, booleans, null, arrays and plain objects. */
  readonly value: unknown
  readonly file: string
  readonly #document: Document.Parsed
  readonly #lines: LineCounter

  private constructor(file: string, document: Document.Parsed, lines: LineCounter) {
    this.file = file
    this.#document = document
    this.#lines = lines
    // The audit has bounded what aliases can expand to.
    this.value = document.toJS({ maxAliasCount: -1 })
  }

  /**
   * Reads YAML 1.2 that is also plain data: keys are text and unique, no merge keys, no tags, one document.
   * @throws InputError with everything that is wrong.
   */
  static parse(text: string, file: string): Source {
    const shown = shownFile(file)
    if (Buffer.byteLength(text) > mostBytes) throw wholeFile(shown, 'the file has more than 4 MiB')
    const lines = new LineCounter()
    const document = documentOf(text, lines, shown)
    const found = faultsOf(document)
    if (found.length > 0) throw inputError(found, lines, shown)
    return new Source(shown, document, lines)
  }

  /**
   * Reads and parses a file.
   * @throws InputError also if there is no such file, if it is not a file, too big, or not UTF-8.
   */
  static async read(file: string): Promise<Source> {
    const shown = shownFile(file)
    const bytes = await read(file, shown)
    if (!isUtf8(bytes)) throw wholeFile(shown, 'the file is not UTF-8')
    return Source.parse(new TextDecoder().decode(bytes), file)
  }

  /**
   * Where a part of the document stands: its key (or, in a list, the entry), or the value of the key if asked for.
   * For a path that the document does not have, the place of the deepest part that it has.
   */
  place(path: Path, of: 'key' | 'value' = 'key'): Place {
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
  problem(path: Path, text: string, of: 'key' | 'value' = 'key'): Problem {
    return { place: this.place(path, of), text }
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node
  }
}

/** The path of a file as people know it: relative when it is inside the working directory. */
export function shownFile(file: string): string {
  if (!isAbsolute(file)) return file
  const within = relative(process.cwd(), file)
  return within === '' || within === '..' || within.startsWith(`..${sep}`) || isAbsolute(within)
    ? file
    : within
}

/** An error about a file as a whole. */
export const wholeFile = (file: string, text: string): InputError =>
  new InputError([{ place: { file: shownFile(file), line: 1, column: 1 }, text }])

async function read(file: string, shown: string): Promise<Buffer> {
  try {
    const facts = await stat(file)
    if (facts.isDirectory()) throw wholeFile(shown, 'this is a folder, a file is needed')
    if (!facts.isFile()) throw wholeFile(shown, 'this is not a regular file')
    if (facts.size > mostBytes) throw wholeFile(shown, 'the file has more than 4 MiB')
    return await readFile(file)
  } catch (error) {
    if (error instanceof InputError) throw error
    throw wholeFile(shown, unreadable(error))
  }
}

function unreadable(error: unknown): string {
  const code = errorCode(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'the file may not be read by this user'
  return `the file cannot be read: ${code === '' ? String(error) : code}`
}

function documentOf(text: string, lines: LineCounter, file: string): Document.Parsed {
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  const deep = tooDeep(tokens)
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

/** What the parser found or, when it is content, what the audit finds. */
function faultsOf(document: Document.Parsed): Finding[] {
  const found = [...document.errors, ...document.warnings]
  if (found.length === 0) return audit(document)
  return found.map(({ code, message, pos }) => ({ offset: pos[0], text: wording[code] ?? message }))
}

const inputError = (found: readonly Finding[], lines: LineCounter, file: string): InputError =>
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
