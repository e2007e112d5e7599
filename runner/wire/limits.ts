/**
 * Limits on everything that is read from a target. The wire enforces them, so that cases, verbs and reporters
 * need not: a target that floods, stalls or sends wrong lengths affects one verdict only.
 */
export interface Limits {
  /** Bytes received on one connection before it is reset. */
  readonly connectionBytes: number
  /** Bytes of one HTTP header section. */
  readonly headBytes: number
  /** Bytes of one HTTP body, after transfer decoding. */
  readonly bodyBytes: number
  /** Bytes of one WebSocket message, after inflation. */
  readonly messageBytes: number
  /** Bytes of one line, and of all lines of one block, of an event stream. */
  readonly eventBytes: number
  /** Unread observations of one connection; lines of one block of an event stream. */
  readonly observations: number
  /** Connections that one instance may open. */
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
