import { StreamReceiver } from './event-stream.ts'
import { PollingReceiver } from './polling.ts'
import type { DeliveryTechnique, Receiver, ReceiverOptions } from './receiver.ts'
import { WebSocketReceiver } from './websocket.ts'

/** Opens a receiver; the target may not deliver updates to it yet. Throws `ConnectionFailed`. */
export function openReceiver(technique: DeliveryTechnique, options: ReceiverOptions): Promise<Receiver> {
  if (technique === 'sse') return StreamReceiver.open(options)
  return technique === 'websocket'
    ? WebSocketReceiver.open(options)
    : PollingReceiver.open(technique, options)
}
