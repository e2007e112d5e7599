import type { Exchange } from '../../wire/exchange.ts'
import type { Timed } from '../../wire/inbox.ts'
import { opcodes } from '../../wire/websocket/frame.ts'
import type { PeerObservation, WebSocketPeer } from '../../wire/websocket/peer.ts'
import { Actor, UnknownActor } from '../stage/actor.ts'
import type { Play } from '../stage/play.ts'
import { StockWebSocket } from './stock-client.ts'

/** A client whose WebSocket frames the kit itself writes and reads. */
export class Peer extends Actor {
  static readonly kindName = "one of the kit's own WebSocket peers"
  readonly socket: WebSocketPeer

  constructor(name: string, socket: WebSocketPeer) {
    super(name)
    this.socket = socket
  }

  override get exchange(): Exchange {
    return this.socket.handshake
  }

  /** Responds to the Close of a target that begins the closing handshake (RFC 6455 section 5.5.1). */
  override async waitForLoss(signal: AbortSignal): Promise<boolean> {
    const { socket } = this
    const wire = this.ownWire()
    await wire.changes.until(() => socket.closeReceived || wire.ended !== undefined, signal)
    if (socket.closeReceived && !socket.closeSent && wire.ended === undefined)
      await socket.send([{ opcode: opcodes.close, payload: Buffer.from([0x03, 0xe8]) }])
    return super.waitForLoss(signal)
  }
}

/** The WebSocket of that name. Throws `UnknownActor`. */
export const socketOf = (play: Play, name: string): WebSocketPeer => play.actors.getAs(name, Peer).socket

/** How long the target took for its response to the opening handshake, in milliseconds; 0 for a stock client. */
export function latencyOf(play: Play, name: string): number {
  const actor = play.actors.get(name)
  if (!(actor instanceof Peer)) return 0
  const { head, sentAt } = actor.exchange
  return head === undefined ? 0 : head.at - sentAt
}

/** The observations of a WebSocket client, whether the kit or the stock client reads its frames. Throws `UnknownActor`. */
export function inboxOf(
  play: Play,
  name: string,
): { next(signal: AbortSignal): Promise<Timed<PeerObservation> | undefined> } {
  const actor = play.actors.get(name)
  if (actor instanceof Peer) return actor.socket.inbox
  if (actor instanceof StockWebSocket) return actor.inbox
  throw new UnknownActor(`"${name}" is not a WebSocket peer`)
}
