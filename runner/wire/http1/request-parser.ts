import { showLatin1 } from '../bytes/bytes.ts'
import type { HeaderList } from '../headers.ts'
import { type BodyReader, ChunkedBody, type Content, contentLength, LengthBody, noBody } from './body.ts'
import { transferCodings } from './field-rules.ts'
import { type HeaderSection, HeaderSectionReader } from './header-section.ts'
import { type Malformed, Parser, Unreadable } from '../parser.ts'

export type RequestObservation =
  | {
      kind: 'request'
      method: string
      target: string
      version: string
      headers: HeaderList
      /** The bytes as received. */
      raw: Uint8Array
    }
  | Content
  | { kind: 'complete'; framing: BodyReader['framing']; trailers: HeaderList }
  /** Bytes after {@link HttpRequestParser.switchProtocols}. */
  | { kind: 'switched'; bytes: Uint8Array }

interface RequestLine {
  readonly method: string
  readonly target: string
  readonly version: string
}

const CR = 13
const LF = 10

/** Parses the requests on one connection (RFC 9112). Its findings use the ids of rules for responses, but concern the client. */
export class HttpRequestParser extends Parser<RequestObservation> {
  #state: 'start' | 'head' | 'body' | 'switched' = 'start'
  #requestLine: RequestLine = { method: '', target: '', version: '' }
  #headReader: HeaderSectionReader | undefined
  #body: BodyReader = noBody

  /** Treats unread and further bytes as another protocol. Call it only after a `complete`. */
  switchProtocols(): (RequestObservation | Malformed)[] {
    this.#state = 'switched'
    return this.push(new Uint8Array())
  }

  protected override read(out: RequestObservation[]): boolean {
    if (this.#state === 'start') return this.#readStart()
    if (this.#state === 'head') return this.#readHead(out)
    if (this.#state === 'body') return this.#readBody(out)
    if (this.input.length > 0) out.push({ kind: 'switched', bytes: this.input.take(this.input.length) })
    return false
  }

  protected override finish(): void {
    if (this.#state === 'body') this.#body.finish()
    const size = this.input.length + (this.#headReader?.size ?? 0)
    if (size > 0) throw new Unreadable(`the connection ended after ${size} bytes of a header section`)
  }

  /** RFC 9112 section 2.2: empty lines before a request line are ignored. */
  #readStart(): boolean {
    const isEmptyLine = this.input.at(0) === CR && this.input.at(1) === LF
    if (isEmptyLine) this.input.take(2)
    if (isEmptyLine || this.input.length === 0) return isEmptyLine
    if (this.input.at(0) === CR && this.input.length === 1) return false
    this.#headReader = new HeaderSectionReader({
      limit: this.limits.headBytes,
      report: this.report,
      onStartLine: (line) => this.#readRequestLine(line),
    })
    this.#state = 'head'
    return true
  }

  #readRequestLine(line: string): void {
    const [method = '', target = '', version = '', ...more] = line.split(' ')
    if (method === '' || target === '' || !/^HTTP\/\d\.\d$/.test(version) || more.length > 0)
      throw new Unreadable(`${showLatin1(line)} instead of a request line`)
    this.#requestLine = { method, target, version }
  }

  #readHead(out: RequestObservation[]): boolean {
    const head = this.#headReader?.read(this.input)
    if (head === undefined) return false
    this.#headReader = undefined
    out.push({ kind: 'request', ...this.#requestLine, ...head })
    this.#body = this.#bodyReaderFor(head)
    this.#state = 'body'
    return true
  }

  /** RFC 9112 section 6.3: without either field a request has no body. */
  #bodyReaderFor({ headers }: HeaderSection): BodyReader {
    if (headers.has('transfer-encoding')) {
      if (transferCodings(headers).at(-1) === 'chunked') return new ChunkedBody(this.limits, this.report)
      throw new Unreadable('the last transfer coding of a request is not chunked')
    }
    if (!headers.has('content-length')) return noBody
    const length = contentLength(headers)
    if (length === undefined)
      throw new Unreadable(
        `Content-Length is not a single number: ${showLatin1(headers.get('content-length') ?? '')}`,
      )
    return new LengthBody(length, this.limits)
  }

  #readBody(out: RequestObservation[]): boolean {
    const isComplete = this.#body.read(this.input, (content) => out.push(content))
    if (!isComplete) return false
    out.push({ kind: 'complete', framing: this.#body.framing, trailers: this.#body.trailers })
    this.#state = 'start'
    return true
  }
}
