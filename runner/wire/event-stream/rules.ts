import { show } from '../bytes/bytes.ts'
import type { Report } from '../finding.ts'

const known = new Set(['data', 'event', 'id', 'retry'])
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const headerUnsafe = /^[ \t]|[ \t]$|[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]/
const mark = '\uFEFF'

/** Reports the lines that a client would ignore or misread (WHATWG HTML sections 9.2.5 and 9.2.6). */
export class EventRules {
  readonly #report: Report

  constructor(report: Report) {
    this.#report = report
  }

  /** `afterMark`: the one mark that may start the stream stood before `line`. */
  byteOrderMark(line: string, afterMark: boolean): void {
    if (!line.startsWith(mark)) return
    if (afterMark) this.#report('sse-bom-not-doubled', 'the stream starts with two byte order marks')
    else this.#report('sse-bom-leading-only', `a byte order mark starts a later line: ${shown(line)}`)
  }

  field(name: string, value: string, line: string): void {
    if (known.has(name)) this.#value(name, value)
    // A name that only a byte order mark spoils is reported as that.
    else if (!name.startsWith(mark)) this.#unknown(name, line)
  }

  /** A block that came to its blank line; `fields` are the names in it. */
  block(fields: ReadonlySet<string>): void {
    if (fields.has('event') && !fields.has('data') && !fields.has('id'))
      this.#report('sse-no-data-no-dispatch', 'a block names a type but has no data: nothing is dispatched')
  }

  #unknown(name: string, line: string): void {
    if (known.has(name.trim().toLowerCase()))
      this.#report('sse-field-names-literal', `a client does not take this name for a field: ${shown(line)}`)
    else if (line === name)
      this.#report('sse-colonless-line', `a line without colon is no field: ${shown(line)}`)
    else this.#report('sse-known-fields', `a client ignores the field ${shown(name)}`)
  }

  #value(name: string, value: string): void {
    if (name === 'id' && value.includes('\0'))
      this.#report('sse-id-no-nul', `a client ignores an id with NUL: ${shown(value)}`)
    if (name === 'id' && headerUnsafe.test(value))
      this.#report('sse-id-header-safe', `an id that does not survive in a header field: ${shown(value)}`)
    if (name === 'retry' && !/^[0-9]+$/.test(value))
      this.#report('sse-retry-digits', `a client ignores a retry that is not all digits: ${shown(value)}`)
  }
}

function shown(text: string): string {
  return show(Buffer.from(text, 'utf8'))
}
