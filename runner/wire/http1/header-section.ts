import { buffer, join, show, showLatin1 } from '../bytes/bytes.ts'
import type { ByteQueue } from '../bytes/byte-queue.ts'
import { HeaderList } from '../headers.ts'
import { Unreadable } from '../parser.ts'
import type { Report } from '../finding.ts'

export interface HeaderSectionReaderOptions {
  /** Largest size of the whole section, in bytes. */
  readonly limit: number
  readonly report: Report
  /** Called with the start line. Without it, the section has none, as in trailers. */
  readonly onStartLine?: (line: string) => void
}

export interface HeaderSection {
  readonly headers: HeaderList
  /** The bytes as received, with line ends. */
  readonly raw: Uint8Array
}

/** A field name, RFC 9110 section 5.1 */
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Parses a start line and field lines up to the empty line (RFC 9112 sections 2.1 and 5). */
export class HeaderSectionReader {
  readonly #options: HeaderSectionReaderOptions
  readonly #fields: [name: string, value: string[]][] = []
  readonly #raw: Uint8Array[] = []
  #size = 0
  #awaitsStartLine: boolean

  constructor(options: HeaderSectionReaderOptions) {
    this.#options = options
    this.#awaitsStartLine = options.onStartLine !== undefined
  }

  /** Bytes read so far. */
  get size(): number {
    return this.#size
  }

  /** The section once it is complete. @throws Unreadable */
  read(input: ByteQueue): HeaderSection | undefined {
    let line = this.#line(input)
    while (line !== undefined) {
      if (this.#awaitsStartLine) this.#startLine(line)
      else if (line === '') return this.#complete()
      else this.#field(line)
      line = this.#line(input)
    }
    return undefined
  }

  #line(input: ByteQueue): string | undefined {
    const { limit, report } = this.#options
    const end = input.lineEnd()
    const size = end < 0 ? input.length : end + 1
    if (this.#size + size > limit) throw new Unreadable(`more than ${limit} bytes of a header section`)
    if (end < 0) return undefined
    const bytes = input.take(size)
    this.#size += size
    this.#raw.push(bytes)
    const text = buffer(bytes).toString('latin1')
    // RFC 9112 section 2.2: a recipient may accept a lone LF as line end, but a sender must not write it.
    if (!text.endsWith('\r\n')) throw new Unreadable(`a line ends with LF instead of CR LF: ${show(bytes)}`)
    const line = text.slice(0, -2)
    if (line.includes('\r')) report('http-no-bare-cr-sent', `a line contains a CR: ${showLatin1(line)}`)
    return line
  }

  #startLine(line: string): void {
    this.#awaitsStartLine = false
    this.#options.onStartLine?.(line)
  }

  #field(line: string): void {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      this.#continuation(line)
      return
    }
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0))
    if (!fieldName.test(name))
      throw new Unreadable(`a field line does not start with a field name and a colon: ${showLatin1(line)}`)
    this.#fields.push([name, [fieldValue(line.slice(colon + 1))]])
  }

  // RFC 9112 sections 2.2 and 5.2: a line that starts with whitespace
  #continuation(line: string): void {
    const last = this.#fields.at(-1)
    if (last === undefined) {
      this.#options.report(
        'http-no-ws-before-first-field-sent',
        `the first field line is ${showLatin1(line)}`,
      )
      return
    }
    this.#options.report(
      'http-no-obs-fold-sent',
      `${last[0]} is continued on another line: ${showLatin1(line)}`,
    )
    last[1].push(fieldValue(line))
  }

  #complete(): HeaderSection {
    const fields = this.#fields.map(([name, values]) => [name, values.join(' ')] as const)
    return { headers: new HeaderList(fields), raw: join(this.#raw) }
  }
}

function fieldValue(text: string): string {
  const value = trimWhitespace(text)
  if (value.includes('\0')) throw new Unreadable(`a field value contains NUL: ${showLatin1(value)}`)
  return value
}

/** Removes optional whitespace (RFC 9110 section 5.6.3) in linear time. */
export function trimWhitespace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isWhitespace(text[start])) start += 1
  while (end > start && isWhitespace(text[end - 1])) end -= 1
  return text.slice(start, end)
}

function isWhitespace(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}
