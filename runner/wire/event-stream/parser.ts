import { isUtf8 } from 'node:buffer'
import { show } from '../bytes/bytes.ts'
import { EventRules } from './rules.ts'
import { type Malformed, Parser, type ParserOptions, Unreadable } from '../parser.ts'

const CR = 13
const LF = 10
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** An observation of the event-stream parser (WHATWG HTML section 9.2.6). */
export type StreamObservation =
  /** An event that a client would dispatch. */
  | { kind: 'event'; type: string; data: string; lastEventId: string; block: EventBlock }
  /** A block without data: no event is dispatched, but its id is used. */
  | { kind: 'undispatched'; lastEventId: string; block: EventBlock }
  | { kind: 'comment'; text: string }
  /** A valid `retry` field: the new reconnection time. */
  | { kind: 'retry'; milliseconds: number }
  | Malformed

/** The lines of one block in order, including comments. */
export interface EventBlock {
  readonly lines: readonly EventLine[]
}

export interface EventLine {
  /** Field name; empty for a comment. */
  readonly field: string
  readonly value: string
  /** The line end as received. */
  readonly end: '\r\n' | '\n' | '\r'
  /** The line as received, without its line end. */
  readonly raw: string
}

type WritableLine = { -readonly [key in keyof EventLine]: EventLine[key] }

/** Parses an event stream as a client does (WHATWG HTML section 9.2.6), and reports what a client would ignore. */
export class EventStreamParser extends Parser<StreamObservation> {
  readonly #rules: EventRules
  #isFirstLine = true
  /** The last line ended with a CR, so an LF right after it belongs to the same line end. */
  #endedWithCr = false
  #lines: WritableLine[] = []
  #blockBytes = 0
  #data: string[] = []
  #type = ''
  #idBuffer = ''
  #lastEventId = ''
  #reconnectionTime: number | undefined

  constructor(options: ParserOptions) {
    super(options)
    this.#rules = new EventRules(this.report)
  }

  /** The value that a client would send as Last-Event-ID. */
  get lastEventId(): string {
    return this.#lastEventId
  }

  /** The reconnection time in milliseconds; undefined until the stream sets it. */
  get reconnectionTime(): number | undefined {
    return this.#reconnectionTime
  }

  protected override read(out: StreamObservation[]): boolean {
    if (this.input.length === 0) return false
    if (this.#endedWithCr) this.#completeLineEnd()
    const end = this.input.lineEnd(true)
    this.#checkLimits(end < 0 ? this.input.length : end)
    if (end < 0) return false
    const bytes = this.input.take(end)
    this.#line(this.#decode(bytes), out)
    return true
  }

  /** An incomplete block is discarded. */
  protected override finish(): void {
    if (this.#endedWithCr) this.#completeLineEnd()
    const rest = this.#withoutByteOrderMark(decoder.decode(this.input.take(this.input.length)))
    const hasData = this.#data.length > 0 || /^data(?::|$)/.test(rest)
    if (!hasData) return
    const unfinished = [...this.#data, ...(rest === '' ? [] : [rest])].join('\n')
    this.report(
      'sse-unfinished-event-lost',
      `the stream ended before the blank line after ${show(Buffer.from(unfinished))}`,
    )
  }

  #completeLineEnd(): void {
    this.#endedWithCr = false
    if (this.input.at(0) !== LF) return
    this.input.take(1)
    const last = this.#lines.at(-1)
    if (last !== undefined) last.end = '\r\n'
  }

  /** @param size bytes of the current line */
  #checkLimits(size: number): void {
    const { eventBytes, observations } = this.limits
    const what = this.#blockBytes === 0 ? 'line' : 'block'
    if (this.#blockBytes + size > eventBytes)
      throw new Unreadable(`more than ${eventBytes} bytes of one ${what}`)
    if (this.#lines.length > observations)
      throw new Unreadable(`more than ${observations} lines of one block`)
  }

  #decode(bytes: Uint8Array): string {
    // Multi-byte UTF-8 sequences contain no CR or LF, so lines can be decoded one by one.
    if (!isUtf8(bytes)) this.report('sse-utf8', `a line is not UTF-8: ${show(bytes)}`)
    const text = decoder.decode(bytes)
    const line = this.#withoutByteOrderMark(text)
    this.#rules.checkByteOrderMark(line, line !== text)
    this.#blockBytes += bytes.length
    return line
  }

  /** Removes the byte order mark that may start the stream. */
  #withoutByteOrderMark(text: string): string {
    return this.#isFirstLine && text.startsWith('\uFEFF') ? text.slice(1) : text
  }

  #line(raw: string, out: StreamObservation[]): void {
    const end = this.input.take(1)[0] === CR ? '\r' : '\n'
    this.#endedWithCr = end === '\r'
    this.#isFirstLine = false
    if (raw === '') {
      this.#dispatch(out)
      return
    }
    const { field, value } = fieldOf(raw)
    this.#lines.push({ field, value, end, raw })
    if (field === '') out.push({ kind: 'comment', text: value })
    else this.#field(field, value, raw, out)
  }

  #field(field: string, value: string, raw: string, out: StreamObservation[]): void {
    this.#rules.checkField(field, value, raw)
    if (field === 'event') this.#type = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.#idBuffer = value
    else if (field === 'retry' && /^[0-9]+$/.test(value)) {
      this.#reconnectionTime = Number(value)
      out.push({ kind: 'retry', milliseconds: this.#reconnectionTime })
    }
  }

  /** A block without data is not dispatched, but its id is used. */
  #dispatch(out: StreamObservation[]): void {
    this.#lastEventId = this.#idBuffer
    const lastEventId = this.#lastEventId
    const block = { lines: this.#lines }
    if (this.#data.length > 0)
      out.push({
        kind: 'event',
        type: this.#type || 'message',
        data: this.#data.join('\n'),
        lastEventId,
        block,
      })
    else if (this.#lines.some(({ field }) => field !== '')) {
      this.#rules.checkBlock(new Set(this.#lines.map(({ field }) => field)))
      out.push({ kind: 'undispatched', lastEventId, block })
    }
    this.#lines = []
    this.#blockBytes = 0
    this.#data = []
    this.#type = ''
  }
}

/** The name ends at the first colon; one space after the colon is removed. */
function fieldOf(line: string): { field: string; value: string } {
  const colon = line.indexOf(':')
  if (colon < 0) return { field: line, value: '' }
  const value = line.slice(colon + 1)
  return { field: line.slice(0, colon), value: value.startsWith(' ') ? value.slice(1) : value }
}
