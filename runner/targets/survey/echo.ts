import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { WebSocket } from 'ws'

/**
 * Whether messages of both types come back within `echoMs` milliseconds each, and only to their sender: what `listener`,
 * another client, gets too is a broadcast.
 */
export async function echoesToSenderAlone(
  sender: WebSocket,
  listener: WebSocket | undefined,
  echoMs: number,
): Promise<boolean> {
  const text = `pushspec ${randomUUID()}`
  let isBroadcast = false
  listener?.on('message', (data: Buffer) => (isBroadcast ||= data.includes(text)))
  if (!(await comesBack(sender, text, false, echoMs))) return false
  if (!(await comesBack(sender, text, true, echoMs))) return false
  if (listener !== undefined) await answered(listener)
  return !isBroadcast
}

/** Sends a message; whether the same message comes back. */
function comesBack(socket: WebSocket, text: string, binary: boolean, echoMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => settle(false), echoMs)
    const settle = (echoed: boolean): void => {
      clearTimeout(late)
      resolve(echoed)
    }
    socket.on('message', (data, isBinary) => {
      if (isBinary === binary && Buffer.isBuffer(data) && data.toString() === text) settle(true)
    })
    socket.once('close', () => settle(false))
    socket.send(Buffer.from(text), { binary })
  })
}

/** The longest time in which a listener hears what was broadcast before, in milliseconds. */
const broadcastMs = 300

/** Resolves with the pong for a ping: what the target sent to this client before has then arrived. */
async function answered(socket: WebSocket): Promise<void> {
  const pong = new Promise<void>((resolve) => {
    socket.once('pong', () => resolve())
    socket.once('close', () => resolve())
  })
  socket.ping()
  await Promise.race([pong, delay(broadcastMs, undefined, { ref: false })])
}
