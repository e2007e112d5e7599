import { show } from '../bytes/bytes.ts'
import type { Report } from '../finding.ts'

const knownFields = new Set(['data', 'event', 'id', 'retry'])
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const headerUnsafe = /^[ \t]|[ \t]$|[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]/
const mark = '\uFEFF'
/** A field name that a server may have chosen; anything else before a colon is text. */
const word = /^[a-z][\w-]*$/i

/** Reports lines that a client would ignore or misinterpret (WHATWG HTML sections 9.2.5 and 9.2.6). */
export class EventRules {
  readonly #report: Report

  constructor(report: Report) {
    this.#report = report
  }

  /** @param followsMark the byte order mark that may start the stream precedes `line` */
  checkByteOrderMark(line: string, followsMark: boolean): void {
    if (!line.startsWith(mark)) return
    if (followsMark) this.#report('sse-bom-not-doubled', 'the stream starts with two byte order marks')
    else
      this.#report(
        'sse-bom-leading-only',
        `a line after the first starts with a byte order mark: ${shown(line)}`,
      )
  }

  checkField(name: string, value: string, line: string): void {
    if (knownFields.has(name)) this.#checkValue(name, value)
    // `checkByteOrderMark` has reported a name that starts with a byte order mark.
    else if (!name.startsWith(mark)) this.#reportUnknown(name, line)
  }

  /** Checks a complete block. @param fields the names of its fields */
  checkBlock(fields: ReadonlySet<string>): void {
    if (fields.has('event') && !fields.has('data') && !fields.has('id'))
      this.#report(
        'sse-no-data-no-dispatch',
        'a block has an event type but no data, so no event is dispatched',
      )
  }

  #reportUnknown(name: string, line: string): void {
    if (knownFields.has(name.trim().toLowerCase()))
      this.#report(
        'sse-field-names-literal',
        `a client ignores a field name with other letter case or whitespace: ${shown(line)}`,
      )
    else if (line === name)
      this.#report(
        'sse-colonless-line',
        `a client ignores a line without colon that is not a field name: ${shown(line)}`,
      )
    else if (!word.test(name)) this.#report('sse-known-fields', `a client ignores the field ${shown(name)}`)
  }

  #checkValue(name: string, value: string): void {
    if (name === 'id' && value.includes('\0'))
      this.#report('sse-id-no-nul', `a client ignores an id with NUL: ${shown(value)}`)
    if (name === 'id' && headerUnsafe.test(value))
      this.#report('sse-id-header-safe', `an id cannot be sent unchanged in a header field: ${shown(value)}`)
    if (name === 'retry' && !/^[0-9]+$/.test(value))
      this.#report(
        'sse-retry-digits',
        `a client ignores a retry value with other characters than digits: ${shown(value)}`,
      )
  }
}

function shown(text: string): string {
  return show(Buffer.from(text, 'utf8'))
}
