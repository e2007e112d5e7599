import { show, showLatin1 } from '../bytes/bytes.ts'
import { type BodyReader, ChunkedBody, CloseBody, contentLength, LengthBody, noBody } from './body.ts'
import { checkFramingFields, checkResponseFields, transferCodings } from './field-rules.ts'
import { type HeaderSection, HeaderSectionReader } from './header-section.ts'
import type { Framing } from '../exchange.ts'
import type { HeaderList } from '../headers.ts'
import { type Malformed, Parser, Unreadable } from '../parser.ts'
import { checkUpgradeFields } from './upgrade-rules.ts'

/** An observation of the HTTP/1.1 response parser. `raw` holds the bytes as received, with line ends. */
export type ResponseObservation =
  /** A status line and header section (RFC 9112 section 2.1), also of an interim response. */
  | { kind: 'head'; status: number; reason: string; version: string; headers: HeaderList; raw: Uint8Array }
  /** Content after transfer decoding. */
  | { kind: 'content'; bytes: Uint8Array }
  /** The response is complete. */
  | { kind: 'complete'; framing: Framing; trailers: HeaderList }
  /** Bytes after a 101, or after a successful CONNECT. */
  | { kind: 'switched'; bytes: Uint8Array }
  | Malformed

interface ExpectedResponse {
  readonly method: string
  readonly version: string
}

interface StatusLine {
  readonly version: string
  readonly status: number
  readonly reason: string
}

/** RFC 9112 section 4 */
const statusLine = /^(HTTP\/\d\.\d) (\d{3})(?: (.*))?$/s
const start = Buffer.from('HTTP/')

/**
 * Parses the responses on one connection (RFC 9112). Call {@link expect} for each request that is sent: the framing
 * of a response depends on its request, and bytes without a request are not a response.
 */
export class HttpResponseParser extends Parser<ResponseObservation> {
  readonly #expected: ExpectedResponse[] = []
  #state: 'start' | 'head' | 'body' | 'switched' = 'start'
  #statusLine: StatusLine = { version: '', status: 0, reason: '' }
  #headReader: HeaderSectionReader | undefined
  #body: BodyReader = noBody
  /** Framing of the response before this one; undefined for the first. */
  #previous: BodyReader['framing'] | undefined

  /** Expects a response to a request that was sent; `version` as in its request line (`HTTP/1.1`). */
  expect(method: string, version = 'HTTP/1.1'): void {
    this.#expected.push({ method, version })
  }

  protected override read(out: ResponseObservation[]): boolean {
    if (this.#state === 'start') return this.#readStart()
    if (this.#state === 'head') return this.#readHead(out)
    if (this.#state === 'body') return this.#readBody(out)
    if (this.input.length > 0) out.push({ kind: 'switched', bytes: this.input.take(this.input.length) })
    return false
  }

  protected override finish(out: ResponseObservation[]): void {
    if (this.#state === 'body') {
      this.#body.finish()
      this.#complete(out)
    }
    const size = this.input.length + (this.#headReader?.size ?? 0)
    if (this.#state === 'start' && size > 0 && this.#expected.length === 0) this.#stray(this.input.length)
    if (size > 0) throw new Unreadable(`the connection ended after ${size} bytes of a header section`)
  }

  /** Checks the first bytes of a response without taking them from the input. */
  #readStart(): boolean {
    for (const [index, expected] of start.entries()) {
      const byte = this.input.at(index)
      if (byte === undefined) return false
      if (byte !== expected) this.#stray(index + 1)
    }
    if (this.#expected.length === 0) throw new Unreadable('a response without a request')
    this.#headReader = new HeaderSectionReader({
      limit: this.limits.headBytes,
      report: this.report,
      onStartLine: (line) => this.#readStatusLine(line),
    })
    this.#state = 'head'
    return true
  }

  /** @param count number of bytes that show that no response starts here */
  #stray(count: number): never {
    const received = show(this.input.take(count))
    if (this.#previous === 'none')
      this.report('http-bodyless-ends-at-headers', `a response without content is followed by ${received}`)
    else if (this.#previous !== undefined)
      this.report('http-length-correct', `the body is followed by ${received}`)
    throw new Unreadable(
      `${received} instead of ${this.#expected.length === 0 ? 'nothing' : 'a status line'}`,
    )
  }

  #readStatusLine(line: string): void {
    const [, version = '', status, reason] = statusLine.exec(line) ?? []
    if (status === undefined) throw new Unreadable(`${showLatin1(line)} instead of a status line`)
    if (reason === undefined)
      this.report('http-status-line-trailing-space', `no space follows the status code: ${showLatin1(line)}`)
    this.#statusLine = { version, status: Number(status), reason: reason ?? '' }
  }

  #readHead(out: ResponseObservation[]): boolean {
    const head = this.#headReader?.read(this.input)
    const [request] = this.#expected
    if (head === undefined || request === undefined) return false
    this.#headReader = undefined
    checkFramingFields({ ...this.#statusLine, headers: head.headers }, request.version, this.report)
    checkResponseFields(head.headers, this.report)
    checkUpgradeFields({ ...this.#statusLine, headers: head.headers }, this.report)
    out.push({ kind: 'head', ...this.#statusLine, ...head })
    this.#begin(head, request)
    return true
  }

  /** RFC 9110 section 15.2: an interim response has no content, and the final response is still expected. */
  #begin(head: HeaderSection, request: ExpectedResponse): void {
    const { status } = this.#statusLine
    const isTunnel = request.method === 'CONNECT' && status >= 200 && status < 300
    if (status >= 200 || status === 101) this.#expected.shift()
    if (status === 101 || isTunnel) this.#state = 'switched'
    else if (status < 200) this.#interim()
    else {
      this.#body = this.#bodyReaderFor(head, request)
      this.#state = 'body'
    }
  }

  #interim(): void {
    this.#previous = 'none'
    this.#state = 'start'
  }

  /** RFC 9112 section 6.3 */
  #bodyReaderFor({ headers }: HeaderSection, { method }: ExpectedResponse): BodyReader {
    const { status } = this.#statusLine
    if (method === 'HEAD' || status === 204 || status === 304) return noBody
    if (headers.has('transfer-encoding')) {
      const isChunked = transferCodings(headers).at(-1) === 'chunked'
      return isChunked ? new ChunkedBody(this.limits, this.report) : new CloseBody(this.limits)
    }
    if (!headers.has('content-length')) return new CloseBody(this.limits)
    const length = contentLength(headers)
    if (length !== undefined) return new LengthBody(length, this.limits)
    const detail = `Content-Length is not a single number: ${showLatin1(headers.get('content-length') ?? '')}`
    this.report('http-length-correct', detail)
    throw new Unreadable(detail)
  }

  #readBody(out: ResponseObservation[]): boolean {
    const isComplete = this.#body.read(this.input, (content) => out.push(content))
    if (isComplete) this.#complete(out)
    return isComplete
  }

  #complete(out: ResponseObservation[]): void {
    const { framing, trailers } = this.#body
    out.push({ kind: 'complete', framing, trailers })
    this.#previous = framing
    this.#state = 'start'
  }
}
