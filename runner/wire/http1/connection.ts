import { Connection, type ConnectionOptions, type End } from '../connection.ts'
import { HeaderList } from '../headers.ts'
import { checkAnswer, contentRule } from './response-rules.ts'
import { HttpResponseParser, type HttpObservation } from './response-parser.ts'
import type { Finding, Report } from '../finding.ts'

const noTrailers = new HeaderList()

export interface ResponseHead {
  readonly status: number
  readonly reason: string
  readonly version: string
  readonly headers: HeaderList
  readonly raw: Uint8Array
  readonly at: number
}

/** How a response came to its end: complete, or not (`broken` says why). */
export type Completion =
  | {
      readonly kind: 'complete'
      readonly framing: 'none' | 'length' | 'chunked' | 'close'
      readonly at: number
    }
  | { readonly kind: 'broken'; readonly what: string; readonly at: number }

/** One request and what came back for it; it grows while the bytes arrive. */
export class Exchange {
  readonly connection: HttpConnection
  readonly sentAt: number
  /** Of the request, as in its request line. */
  readonly method: string
  readonly version: string
  readonly interim: ResponseHead[] = []
  firstByteAt: number | undefined
  head: ResponseHead | undefined
  completion: Completion | undefined
  /** Called as soon as the final (or 101) header section is read, before any byte that follows it. */
  onHead: ((head: ResponseHead) => void) | undefined
  /** Called with content as it arrives; what came before is handed over at once. */
  #reader: ((bytes: Uint8Array) => void) | undefined
  readonly #content: Uint8Array[] = []

  constructor(connection: HttpConnection, about: { sentAt: number; method: string; version: string }) {
    this.connection = connection
    this.sentAt = about.sentAt
    this.method = about.method
    this.version = about.version
  }

  /** Content so far, with the transfer coding taken off. */
  get content(): Uint8Array {
    return Buffer.concat(this.#content)
  }

  /** Waits until `holds()`; false when `signal` aborts before. */
  until(holds: () => boolean, signal: AbortSignal): Promise<boolean> {
    return this.connection.wire.changes.until(holds, signal)
  }

  /** True when the header section is there, or never will be. */
  headed(signal: AbortSignal): Promise<boolean> {
    return this.until(() => this.head !== undefined || this.completion !== undefined, signal)
  }

  completed(signal: AbortSignal): Promise<boolean> {
    return this.until(() => this.completion !== undefined, signal)
  }

  read(reader: (bytes: Uint8Array) => void): void {
    this.#reader = reader
    for (const bytes of this.#content) reader(bytes)
  }

  /** Takes one observation of this response; true when it was the last. */
  take(observation: HttpObservation, at: number): boolean {
    this.firstByteAt ??= at
    switch (observation.kind) {
      case 'head':
        this.#header({ ...observation, at })
        return false
      case 'content':
        this.#content.push(observation.bytes)
        this.#reader?.(observation.bytes)
        return false
      case 'complete':
        this.completion = { kind: 'complete', framing: observation.framing, at }
        return true
      case 'malformed':
        this.completion = { kind: 'broken', what: observation.what, at }
        return true
      case 'switched':
        return false
    }
  }

  #header(head: ResponseHead): void {
    if (head.status < 200 && head.status !== 101) {
      this.interim.push(head)
      return
    }
    this.head = head
    this.onHead?.(head)
  }

  break(what: string, at: number): void {
    this.completion ??= { kind: 'broken', what, at }
  }
}

const endNames = {
  fin: 'ended (FIN)',
  rst: 'was reset (RST)',
  limit: 'sent more than the kit reads',
} as const

/** In words, for "the connection …". */
export const describeEnd = (end: End): string => endNames[end.how]

/** HTTP/1.1 on one connection: requests go out as they are told, responses are read strictly (RFC 9112). */
export class HttpConnection {
  readonly wire: Connection
  readonly exchanges: Exchange[] = []
  /** What the target sent that belongs to no response. */
  stray: string | undefined
  readonly #parser: HttpResponseParser
  readonly #open: Exchange[] = []
  #switched: ((bytes: Uint8Array) => void) | undefined
  readonly #report: Report
  /** What the last complete answer was, as far as it says whether content may follow. */
  #last: { method: string; status: number } | undefined
  /** What followed an answer that ends with its header section. */
  #spoiled: string | undefined

  private constructor(wire: Connection, options: ConnectionOptions, onFinding: (finding: Finding) => void) {
    this.wire = wire
    this.#report = (rule, detail) => onFinding({ rule, detail })
    this.#parser = new HttpResponseParser({
      limits: options.limits,
      onFinding: (finding) => this.#found(finding),
    })
    wire.feed({ bytes: (chunk) => this.#receive(chunk), end: (end) => this.#finish(end) })
  }

  /** Throws `ConnectionFailed`. */
  static async open(
    options: ConnectionOptions,
    onFinding: (finding: Finding) => void,
    signal: AbortSignal,
  ): Promise<HttpConnection> {
    return new HttpConnection(await Connection.open(options, signal), options, onFinding)
  }

  /** Writes one request as it stands and gives the exchange that its answer goes to. */
  request(bytes: Uint8Array, about: { method: string; version: string; chop?: number }): Exchange {
    const exchange = new Exchange(this, { ...about, sentAt: this.wire.now() })
    this.#parser.expect(about.method, about.version)
    this.exchanges.push(exchange)
    this.#open.push(exchange)
    if (this.wire.ended)
      exchange.break(`the connection ${describeEnd(this.wire.ended)} before the request`, exchange.sentAt)
    else void this.wire.write(bytes, `${about.method} request`, about.chop)
    return exchange
  }

  /** After a 101: bytes of the new protocol go here. */
  onSwitched(reader: (bytes: Uint8Array) => void): void {
    this.#switched = reader
  }

  #receive(chunk: Uint8Array): void {
    const exchange = this.#open[0]
    if (exchange !== undefined) exchange.firstByteAt ??= this.wire.now()
    this.#take(this.#parser.push(chunk))
  }

  #take(observations: readonly HttpObservation[]): void {
    for (const observation of observations) {
      const exchange = this.#open[0]
      if (observation.kind === 'switched') this.#switched?.(observation.bytes)
      else if (exchange === undefined)
        this.stray ??= observation.kind === 'malformed' ? observation.what : 'a response nobody asked for'
      else {
        const isLast = exchange.take(observation, this.wire.now())
        this.#check(exchange, observation)
        if (isLast) this.#open.shift()
      }
    }
    this.#checkSpoiled()
  }

  /** Content where there is none breaks a rule on framing, and that of the answer that it follows. */
  #found({ rule, detail }: Finding): void {
    this.#report(rule, detail)
    if (rule === 'http-bodyless-ends-at-headers') this.#spoiled = detail
  }

  /** The parser sees what follows an answer before anybody has looked at that answer. */
  #checkSpoiled(): void {
    const rule = this.#spoiled === undefined || !this.#last ? undefined : contentRule(this.#last)
    if (rule !== undefined) this.#report(rule, this.#spoiled ?? '')
    this.#spoiled = undefined
  }

  #check(exchange: Exchange, observation: HttpObservation): void {
    const { method, version } = exchange
    const isInterim = observation.kind === 'head' && observation.status < 200
    if (isInterim) {
      const about = { method, version, trailers: noTrailers, hasContent: false }
      checkAnswer({ ...observation, ...about }, this.#report)
    }
    if (observation.kind !== 'complete' || exchange.head === undefined) return
    const { status, headers } = exchange.head
    this.#last = { method, status }
    const hasContent = exchange.content.length > 0
    const { trailers } = observation
    checkAnswer({ method, version, status, headers, trailers, hasContent }, this.#report)
  }

  #finish(end: End): void {
    this.#take(this.#parser.end())
    for (const exchange of this.#open.splice(0)) exchange.break(`the connection ${describeEnd(end)}`, end.at)
  }
}
