import type { Connection } from '../../wire/connection.ts'
import type { Exchange } from '../../wire/exchange.ts'

/** How a client ends its connection: with a FIN, with a RST, or by closing only its sending side. */
export type ClosingKind = 'fin' | 'rst' | 'half'

/** A case refers to an actor that does not exist or is not of the kind that the verb needs. */
export class UnknownActor extends Error {}

/**
 * A named participant of a case. Each technique has its own kinds of actors for its own verbs; this class has the
 * members that verbs of all techniques need.
 */
export abstract class Actor {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  /** The request of this actor, with its response; undefined if the kit has not sent one itself. */
  get exchange(): Exchange | undefined {
    return undefined
  }

  /** The TCP connection; undefined for a stock client, whose connection the kit cannot access. */
  get wire(): Connection | undefined {
    return this.exchange?.connection.wire
  }

  /** How long the target may hold the request, in milliseconds; undefined if that is not known. */
  get holdMs(): number | undefined {
    return undefined
  }

  /** Ends the connection. */
  leave(how: ClosingKind): void {
    const wire = this.ownWire()
    if (how === 'half') wire.halfClose()
    else if (how === 'rst') wire.reset()
    else wire.close()
  }

  stopReading(): void {
    this.ownWire().pause()
  }

  resumeReading(): void {
    this.ownWire().resume()
  }

  /** Waits until this actor has lost its connection; false if `signal` aborts first. */
  waitForLoss(signal: AbortSignal): Promise<boolean> {
    const wire = this.ownWire()
    return wire.changes.until(() => wire.ended !== undefined, signal)
  }

  /** The TCP connection. Throws `UnknownActor` for a stock client. */
  ownWire(): Connection {
    if (this.wire === undefined)
      throw new UnknownActor(`"${this.name}" is a stock client: the kit cannot access its connection`)
    return this.wire
  }
}
