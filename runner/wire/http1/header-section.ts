import { buffer, join, show, showLatin1 } from '../bytes/bytes.ts'
import type { ByteQueue } from '../bytes/byte-queue.ts'
import { HeaderList } from '../headers.ts'
import { Unreadable } from '../parser.ts'
import type { Report } from '../finding.ts'

export interface HeadReaderOptions {
  /** Most bytes of the whole section. */
  readonly limit: number
  readonly report: Report
  /** Called with the start line as soon as it is there; a section without it is one of trailer fields. */
  readonly onStartLine?: (line: string) => void
}

export interface Head {
  readonly headers: HeaderList
  /** As received, with all line ends. */
  readonly raw: Uint8Array
}

/** A field name, RFC 9110 section 5.1 */
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Reads a start line and field lines up to the empty line (RFC 9112 sections 2.1 and 5). */
export class HeadReader {
  readonly #options: HeadReaderOptions
  readonly #fields: [name: string, value: string[]][] = []
  readonly #raw: Uint8Array[] = []
  #size = 0
  #awaitsStartLine: boolean

  constructor(options: HeadReaderOptions) {
    this.#options = options
    this.#awaitsStartLine = options.onStartLine !== undefined
  }

  /** Bytes read so far. */
  get size(): number {
    return this.#size
  }

  /** The section once it is complete. Throws Unreadable. */
  read(input: ByteQueue): Head | undefined {
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
    // RFC 9112 section 2.2: only a recipient may take a lone LF for a line end, a sender may not write it.
    if (!text.endsWith('\r\n')) throw new Unreadable(`wanted CR LF as line end, got LF alone: ${show(bytes)}`)
    const line = text.slice(0, -2)
    if (line.includes('\r')) report('http-no-bare-cr-sent', `a CR stands inside a line: ${showLatin1(line)}`)
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
      throw new Unreadable(`wanted a field name and a colon, got ${showLatin1(line)}`)
    this.#fields.push([name, [fieldValue(line.slice(colon + 1))]])
  }

  // RFC 9112 sections 2.2 and 5.2: a line that begins with a blank
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
      `${last[0]} goes on in a line of its own: ${showLatin1(line)}`,
    )
    last[1].push(fieldValue(line))
  }

  #complete(): Head {
    const fields = this.#fields.map(([name, values]) => [name, values.join(' ')] as const)
    return { headers: new HeaderList(fields), raw: join(this.#raw) }
  }
}

function fieldValue(text: string): string {
  const value = trimBlanks(text)
  if (value.includes('\0')) throw new Unreadable(`wanted a field value without NUL, got ${showLatin1(value)}`)
  return value
}

/** Takes off the optional white space of RFC 9110 section 5.6.3, in linear time. */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text[start])) start += 1
  while (end > start && isBlank(text[end - 1])) end -= 1
  return text.slice(start, end)
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}
