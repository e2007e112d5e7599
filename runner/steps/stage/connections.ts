import { errorCode } from '../../documents/type-guards.ts'
import type { Target } from '../../targets/target.ts'
import type { Limits } from '../../wire/limits.ts'
import type { Finding } from '../../wire/finding.ts'
import type { Transcript } from '../../wire/transcript.ts'
import type { HttpConnection } from '../../wire/exchange.ts'
import { Http1Connection } from '../../wire/http1/connection.ts'
import type { Bounds } from './bounds.ts'
import type { Cleanup } from './cleanup.ts'
import { countReceived, type ReceivedCounts } from './received.ts'

/** An instance needs more connections than one instance may open. */
export class TooManySockets extends Error {}

/**
 * When the target last accepted a connection, last closed one, and first refused one, in milliseconds since the start of
 * the case.
 */
export interface ConnectionTrace {
  readonly accepted: number | undefined
  readonly closed: number | undefined
  readonly refused: number | undefined
}

export interface ConnectionsOptions {
  readonly target: Target
  readonly transcript: Transcript
  readonly limits: Limits
  readonly bounds: Bounds
  readonly cleanup: Cleanup
  readonly onFinding: (finding: Finding) => void
}

/** Opens the connections of one instance, counts them, and closes them at its end. */
export class Connections {
  readonly #options: ConnectionsOptions
  readonly #traced: HttpConnection[] = []
  readonly #opened: HttpConnection[] = []
  #accepted: number | undefined
  #refused: number | undefined
  #count = 0

  constructor(options: ConnectionsOptions) {
    this.#options = options
  }

  /** Counts a connection; call it also for connections that other code opens. Throws `TooManySockets`. */
  count(): void {
    const { sockets } = this.#options.limits
    if (++this.#count > sockets) throw new TooManySockets(`more than ${sockets} connections in one case`)
  }

  /** Opens a connection that the caller has to count and close. Throws `ConnectionFailed`. */
  async open(actor: string, url: URL): Promise<HttpConnection> {
    const { target, transcript, limits, bounds, onFinding } = this.#options
    const options = { url, tls: target.tls, actor, transcript, limits }
    const connection = await Http1Connection.open(options, onFinding, bounds.within())
    this.#opened.push(connection)
    return connection
  }

  /** Opens a connection that is closed at the end of the case. Throws `ConnectionFailed` or `TooManySockets`. */
  async connect(actor: string, url: URL): Promise<HttpConnection> {
    const { transcript, cleanup } = this.#options
    this.count()
    const connection = await this.open(actor, url).catch((error: unknown) => {
      if (errorCode(error) === 'ECONNREFUSED') this.#refused ??= transcript.now()
      throw error
    })
    this.#accepted = transcript.now()
    this.#traced.push(connection)
    cleanup.atEnd(() => connection.wire.close())
    return connection
  }

  /** How much was received of each kind of thing that rules are about. */
  get received(): ReceivedCounts {
    const exchanges = this.#opened.flatMap((connection) => connection.exchanges)
    return countReceived(exchanges)
  }

  /** When the target accepted, closed and refused these connections. */
  get trace(): ConnectionTrace {
    const ends = this.#traced
      .filter(({ wire }) => !wire.closedByKit)
      .flatMap(({ wire }) => wire.ended?.at ?? [])
    return {
      accepted: this.#accepted,
      closed: ends.length === 0 ? undefined : Math.max(...ends),
      refused: this.#refused,
    }
  }
}
