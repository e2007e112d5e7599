import { Connection, type ConnectionOptions, describeEnd, type ConnectionEnd } from '../connection.ts'
import type { HttpConnection, RequestInfo } from '../exchange.ts'
import type { Finding, Report } from '../finding.ts'
import { HeaderList } from '../headers.ts'
import { Http1Exchange } from './exchange.ts'
import { HttpResponseParser, type ResponseObservation } from './response-parser.ts'
import { checkResponse, noContentRule } from './response-rules.ts'

const noTrailers = new HeaderList()

/** HTTP/1.1 on one connection: requests are sent as they are, responses are read strictly (RFC 9112). */
export class Http1Connection implements HttpConnection {
  readonly wire: Connection
  readonly exchanges: Http1Exchange[] = []
  stray: string | undefined
  readonly #parser: HttpResponseParser
  readonly #open: Http1Exchange[] = []
  readonly #report: Report
  /** The last complete response, to tell whether content may follow it. */
  #last: { method: string; status: number } | undefined
  /** Describes bytes after a response that ends with its header section. */
  #unexpectedContent: string | undefined

  private constructor(wire: Connection, options: ConnectionOptions, onFinding: (finding: Finding) => void) {
    this.wire = wire
    this.#report = (rule, detail) => onFinding({ rule, detail })
    this.#parser = new HttpResponseParser({
      limits: options.limits,
      onFinding: (finding) => this.#reportFinding(finding),
    })
    wire.readWith({ bytes: (chunk) => this.#receive(chunk), end: (end) => this.#finish(end) })
  }

  /** @throws ConnectionFailed */
  static async open(
    options: ConnectionOptions,
    onFinding: (finding: Finding) => void,
    signal: AbortSignal,
  ): Promise<Http1Connection> {
    return new Http1Connection(await Connection.open(options, signal), options, onFinding)
  }

  request(bytes: Uint8Array, about: RequestInfo): Http1Exchange {
    const exchange = new Http1Exchange(this, about)
    this.#parser.expect(about.method, about.version)
    this.exchanges.push(exchange)
    this.#open.push(exchange)
    if (this.wire.ended)
      exchange.break(`the connection ${describeEnd(this.wire.ended)} before the request`, exchange.sentAt)
    else void exchange.write(bytes, `${about.method} request`, about.chop)
    return exchange
  }

  #receive(chunk: Uint8Array): void {
    const exchange = this.#open[0]
    if (exchange !== undefined) exchange.firstByteAt ??= this.wire.now()
    this.#take(this.#parser.push(chunk))
  }

  #take(observations: readonly ResponseObservation[]): void {
    for (const observation of observations) {
      const exchange = this.#open[0]
      if (exchange === undefined)
        this.stray ??= observation.kind === 'malformed' ? observation.what : 'a response without a request'
      else {
        const isLast = exchange.take(observation, this.wire.now())
        this.#check(exchange, observation)
        if (isLast) this.#open.shift()
      }
    }
    this.#checkUnexpectedContent()
  }

  /** Content after a response without content breaks a rule on framing and one on that kind of response. */
  #reportFinding({ rule, detail }: Finding): void {
    this.#report(rule, detail)
    if (rule === 'http-bodyless-ends-at-headers') this.#unexpectedContent = detail
  }

  /** Called after `#check`, because the parser reports bytes after a response before that response is checked. */
  #checkUnexpectedContent(): void {
    const rule = this.#unexpectedContent === undefined || !this.#last ? undefined : noContentRule(this.#last)
    if (rule !== undefined) this.#report(rule, this.#unexpectedContent ?? '')
    this.#unexpectedContent = undefined
  }

  #check(exchange: Http1Exchange, observation: ResponseObservation): void {
    const { method, version } = exchange
    const isInterim = observation.kind === 'head' && observation.status < 200
    if (isInterim) {
      const about = { method, version, trailers: noTrailers, hasContent: false }
      checkResponse({ ...observation, ...about }, this.#report)
    }
    if (observation.kind !== 'complete' || exchange.head === undefined) return
    const { status, headers } = exchange.head
    this.#last = { method, status }
    const hasContent = exchange.content.length > 0
    const { trailers } = observation
    checkResponse({ method, version, status, headers, trailers, hasContent }, this.#report)
  }

  #finish(end: ConnectionEnd): void {
    this.#take(this.#parser.end())
    for (const exchange of this.#open.splice(0)) exchange.break(`the connection ${describeEnd(end)}`, end.at)
  }
}
