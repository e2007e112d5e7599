/**
 * Bounds on everything that is read from a target. They belong to the wire, so that no case, verb or
 * reporter has to remember them: a target that floods, stalls or lies about lengths costs one verdict.
 */
export interface Limits {
  /** Bytes kept of one connection before it is reset. */
  readonly connectionBytes: number
  /** Bytes of one HTTP header section. */
  readonly headBytes: number
  /** Bytes of one HTTP body, after its transfer coding is taken off. */
  readonly bodyBytes: number
  /** Bytes of one WebSocket message, after inflation. */
  readonly messageBytes: number
  /** Bytes of one line, and of all lines of one block, of an event stream. */
  readonly eventBytes: number
  /** Observations waiting to be looked at on one connection; lines of one block of an event stream. */
  readonly observations: number
  /** Sockets that one instance may have open. */
  readonly sockets: number
}

const MiB = 1024 * 1024

export const defaultLimits: Limits = {
  connectionBytes: 256 * MiB,
  headBytes: 256 * 1024,
  bodyBytes: 32 * MiB,
  messageBytes: 32 * MiB,
  eventBytes: 8 * MiB,
  observations: 100_000,
  sockets: 300,
}
