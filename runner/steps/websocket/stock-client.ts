import { WebSocket } from 'ws'
import type { Target } from '../../targets/target.ts'
import type { Address } from '../../targets/address.ts'
import { secureOptions } from '../../targets/hooks/websocket.ts'
import { Actor } from '../stage/actor.ts'
import { Inbox } from '../../wire/inbox.ts'
import { closeCode, type PeerObservation } from '../../wire/websocket/peer.ts'
import { SentContents } from '../../wire/websocket/sent-contents.ts'
import { ChangeNotifier } from '../../wire/change-notifier.ts'

/** The stock `ws` client, with a record of what its users observe. */
export class StockWebSocket extends Actor {
  static readonly kindName = 'a stock client'
  readonly #changes = new ChangeNotifier()
  readonly inbox = new Inbox<PeerObservation>(this.#changes)
  readonly #socket: WebSocket
  readonly #note: (what: string) => void
  readonly #sent = new SentContents()
  readonly #now: () => number
  /** Why the connection could not be opened, or has ended. */
  failure: string | undefined

  constructor(
    name: string,
    address: Address,
    target: Target,
    options: { subprotocols: readonly string[]; deflate: boolean },
    note: (what: string) => void,
    now: () => number,
  ) {
    super(name)
    this.#note = note
    this.#now = now
    this.#socket = new WebSocket(address.url, [...options.subprotocols], {
      headers: Object.fromEntries(address.headers),
      perMessageDeflate: options.deflate,
      ...secureOptions(target),
    })
    this.#socket.on('open', () => this.#changes.notify())
    this.#socket.on('error', (error) => this.#fail(error.message))
    this.#socket.on('message', (data: Buffer, isBinary) =>
      this.#receive({
        kind: 'message',
        type: isBinary ? 'binary' : 'text',
        payload: data,
        compressed: false,
        isAnswer: this.#sent.hasMessage(data),
      }),
    )
    this.#socket.on('ping', (payload) => this.#receive({ kind: 'ping', payload }))
    this.#socket.on('pong', (payload) => this.#receive({ kind: 'pong', payload, isAnswer: false }))
    this.#socket.on('close', (code, reason) => this.#closed(code, reason))
  }

  /** Whether the connection was opened before `signal` aborts. */
  async opened(signal: AbortSignal): Promise<boolean> {
    await this.#changes.until(
      () => this.#socket.readyState === WebSocket.OPEN || this.failure !== undefined,
      signal,
    )
    return this.#socket.readyState === WebSocket.OPEN
  }

  send(payload: Uint8Array, type: 'text' | 'binary'): void {
    this.#sent.addMessage(payload)
    this.#note(`sends a ${type} message of ${payload.length} bytes`)
    this.#socket.send(payload, { binary: type === 'binary' })
  }

  close(code: number | undefined): void {
    this.#socket.close(code)
  }

  override leave(): void {
    this.#socket.terminate()
  }

  #fail(message: string): void {
    this.failure ??= message
    this.#note(message)
    this.#changes.notify()
  }

  #closed(code: number, reason: Buffer): void {
    this.#fail(`closed with ${code}`)
    const payload =
      code === 1005 || code === 1006
        ? Buffer.alloc(0)
        : Buffer.concat([Buffer.from([code >> 8, code & 0xff]), reason])
    if (code !== 1006) this.inbox.put(this.#now(), { kind: 'close', code: closeCode(payload), payload })
    this.inbox.put(this.#now(), { kind: 'end', end: { how: code === 1006 ? 'rst' : 'fin', at: this.#now() } })
  }

  #receive(observation: PeerObservation): void {
    this.#note(observation.kind)
    this.inbox.put(this.#now(), observation)
  }
}
