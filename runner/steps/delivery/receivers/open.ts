import { StreamReceiver } from './event-stream.ts'
import { PollingReceiver } from './polling.ts'
import type { Opening, Over, Receiver } from './receiver.ts'
import { WebSocketReceiver } from './websocket.ts'

/** Opens a receiver; the target may not deliver to it yet. Throws `ConnectionFailed`. */
export function openReceiver(over: Over, opening: Opening): Promise<Receiver> {
  if (over === 'sse') return StreamReceiver.open(opening)
  return over === 'websocket' ? WebSocketReceiver.open(opening) : PollingReceiver.open(over, opening)
}
