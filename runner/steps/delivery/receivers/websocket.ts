import { cursorParts, firstOf, readFrom, sendCursor, updatesOf } from '../../../targets/cursor.ts'
import { HeaderList } from '../../../wire/headers.ts'
import { describeEnd } from '../../../wire/connection.ts'
import type { Exchange } from '../../../wire/exchange.ts'
import { checkHandshakeResponse, newKey } from '../../../wire/websocket/handshake.ts'
import { describePeerObservation, WebSocketPeer } from '../../../wire/websocket/peer.ts'
import { describeResponse } from '../../language/expectations.ts'
import { buildRequest } from '../../language/request.ts'
import { handshakeFields } from '../../websocket/handshake.ts'
import { BaseReceiver, type Position, type Receiver, type ReceiverOptions } from './receiver.ts'

/** Reads updates from one WebSocket connection. */
export class WebSocketReceiver extends BaseReceiver implements Receiver {
  readonly technique = 'websocket'
  #position: string | undefined

  static async open(options: ReceiverOptions): Promise<WebSocketReceiver> {
    const { play, name, scope, from } = options
    const receiver = new WebSocketReceiver(options)
    const { websocket } = play.target.description
    receiver.#position = from?.[0]
    const parts = cursorParts(websocket ?? {})
    const [first] = firstOf(parts, play.target.scope(scope))
    const address = sendCursor(play.target.address('updates', scope), parts, [from?.[0] ?? first])
    const connection = await play.connections.open(name, address.url)
    receiver.connection = connection
    const key = newKey(play.identity.nextMask())
    const subprotocols = play.target.offer('updates')
    const request = buildRequest(address, {}, handshakeFields({ subprotocols }, key))
    const exchange = connection.request(request.bytes, request)
    const peer = new WebSocketPeer(exchange, {
      limits: play.limits,
      onFinding: play.onFinding,
      mask: () => play.identity.nextMask(),
      note: () => {},
    })
    exchange.onHead = (head) => {
      const sent = { key, offeredSubprotocols: subprotocols, offeredExtensions: [] }
      if (head.status === 101) for (const one of checkHandshakeResponse(head, sent)) play.onFinding(one)
    }
    await exchange.headed(play.bounds.within())
    void receiver.#readMessages(peer, exchange)
    return receiver
  }

  get position(): Position {
    return [this.#position]
  }

  async #readMessages(peer: WebSocketPeer, exchange: Exchange): Promise<void> {
    const { signal } = this.left
    await exchange.headed(signal)
    if (exchange.head?.status !== 101)
      return this.end(
        `the opening handshake got ${describeResponse(exchange.head, exchange.completion)}, not 101`,
      )
    while (!signal.aborted) {
      const seen = (await peer.inbox.next(signal))?.seen
      if (seen === undefined || signal.aborted) return
      if (seen.kind === 'end') return this.end(`the connection ${describeEnd(seen.end)}`)
      if (seen.kind === 'close' || seen.kind === 'malformed') return this.end(describePeerObservation(seen))
      if (seen.kind === 'message') this.#readMessage(Buffer.from(seen.payload).toString())
    }
  }

  #readMessage(text: string): void {
    const { websocket } = this.play.target.description
    if (websocket?.cursor !== undefined) {
      const message = { status: 101, headers: new HeaderList([]), body: text }
      this.#position = readFrom(websocket.cursor.from, message) ?? this.#position
    }
    this.addUpdates(() => updatesOf(websocket?.update, text))
  }
}
