import type { Completion, Exchange, HttpConnection, RequestInfo, ResponseHead } from '../exchange.ts'
import type { ResponseObservation } from './response-parser.ts'

/** An exchange over HTTP/1.1, where a connection carries one response after the other. */
export class Http1Exchange implements Exchange {
  readonly connection: HttpConnection
  readonly sentAt: number
  readonly method: string
  readonly version: string
  readonly interim: ResponseHead[] = []
  firstByteAt: number | undefined
  head: ResponseHead | undefined
  completion: Completion | undefined
  switchedBytes = 0
  onHead: ((head: ResponseHead) => void) | undefined
  onSwitched: ((bytes: Uint8Array) => void) | undefined
  #reader: ((bytes: Uint8Array) => void) | undefined
  readonly #content: Uint8Array[] = []

  constructor(connection: HttpConnection, { method, version }: RequestInfo) {
    this.connection = connection
    this.sentAt = connection.wire.now()
    this.method = method
    this.version = version
  }

  get content(): Uint8Array {
    return Buffer.concat(this.#content)
  }

  /** RFC 9112 section 9.3 */
  get isConnectionReusable(): boolean {
    const { completion, head } = this
    return (
      this.connection.wire.ended === undefined &&
      completion?.kind === 'complete' &&
      completion.framing !== 'close' &&
      head?.version === 'HTTP/1.1' &&
      !head.headers.list('connection').some((option) => option.toLowerCase() === 'close')
    )
  }

  until(holds: () => boolean, signal: AbortSignal): Promise<boolean> {
    return this.connection.wire.changes.until(holds, signal)
  }

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

  write(bytes: Uint8Array, what: string, chop = 0): Promise<void> {
    return this.connection.wire.write(bytes, what, chop)
  }

  /** Adds one observation of the response; true if the response has ended. */
  take(observation: ResponseObservation, at: number): boolean {
    this.firstByteAt ??= at
    switch (observation.kind) {
      case 'head':
        this.#takeHead({ ...observation, at })
        return false
      case 'content':
        this.#content.push(observation.bytes)
        this.#reader?.(observation.bytes)
        return false
      case 'switched':
        this.switchedBytes += observation.bytes.length
        this.onSwitched?.(observation.bytes)
        return false
      case 'complete':
        this.completion = { kind: 'complete', framing: observation.framing, at }
        return true
      case 'malformed':
        this.completion = { kind: 'broken', what: observation.what, at }
        return true
    }
  }

  #takeHead(head: ResponseHead): void {
    if (head.status < 200 && head.status !== 101) {
      this.interim.push(head)
      return
    }
    this.head = head
    this.onHead?.(head)
  }

  /** Ends the response as broken, unless it has ended before. */
  break(what: string, at: number): void {
    this.completion ??= { kind: 'broken', what, at }
  }
}
