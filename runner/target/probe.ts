import { randomUUID } from 'node:crypto'
import type { WebSocket } from 'ws'
import { HookFailed } from './errors.ts'
import { isDeclared } from './needs.ts'
import { openSession } from './session.ts'
import type { Address, Target } from './target.ts'
import { isAboutTheWay, Unreachable } from './unreachable.ts'
import { closed, dialWebSocket } from './websocket-hook.ts'

export interface ProbeOptions {
  /** Milliseconds to wait for the echo (default: 1000). */
  readonly echoMs?: number
}

/** A bound on the handshake, in milliseconds. */
const handshakeMs = 5000

/**
 * Finds out what a WebSocket endpoint does where its description does not say so: whether it sends text back, and
 * whether it agrees to permessage-deflate. What is found is noted in the target. A refused handshake finds nothing.
 * @throws Unreachable if there is no way to the server.
 */
export async function probe(target: Target, signal: AbortSignal, options: ProbeOptions = {}): Promise<void> {
  const { websocket } = target.description
  if (websocket === undefined) return
  const isKnown = websocket.echo !== undefined && websocket.deflate !== undefined
  const isAgreed = parameters.every(([need]) => isDeclared(need, target.description) !== undefined)
  if (isKnown && isAgreed) return
  const address = await probingAddress(target, signal)
  if (address === undefined) return
  if (!isKnown) await probeEcho(target, address, signal, options)
  if (!isAgreed && target.ability('websocket.deflate').has) await probeParameters(target, address, signal)
}

async function probeEcho(
  target: Target,
  address: Address,
  signal: AbortSignal,
  options: ProbeOptions,
): Promise<void> {
  const { websocket } = target.description
  const socket = dialWebSocket(target, address, { subprotocols: websocket?.subprotocols ?? [] })
  socket.on('error', () => undefined)
  const abort = (): void => socket.terminate()
  signal.addEventListener('abort', abort, { once: true })
  try {
    if (await isOpened(socket, address.url)) await lookAt(socket, target, options.echoMs ?? 1000)
  } finally {
    await closed(socket)
    signal.removeEventListener('abort', abort)
  }
}

/** Each parameter of permessage-deflate in an offer of its own: whoever lacks one declines the whole offer. */
const parameters = [
  ['websocket.deflate.serverWindow', 'server_max_window_bits', { serverMaxWindowBits: 10 }],
  ['websocket.deflate.clientWindow', 'client_max_window_bits', { clientMaxWindowBits: 10 }],
  ['websocket.deflate.serverNoContext', 'server_no_context_takeover', { serverNoContextTakeover: true }],
  ['websocket.deflate.clientContext', '', {}],
] as const

async function probeParameters(target: Target, address: Address, signal: AbortSignal): Promise<void> {
  await Promise.all(
    parameters
      .filter(([need]) => isDeclared(need, target.description) === undefined)
      .map(async ([need, name, deflate]) => {
        const agreed = await agreement(target, address, deflate, signal)
        if (name === '') noteContext(target, need, agreed)
        else if (agreed.includes(name)) target.found(need, `it agreed to ${name}`)
      }),
  )
}

/** Whether the client may refer to earlier messages: the answer has permessage-deflate and does not forbid it. */
function noteContext(target: Target, need: string, agreed: string): void {
  if (agreed !== '' && !agreed.includes('client_no_context_takeover'))
    target.found(need, 'it did not demand client_no_context_takeover')
}

/** What a server answers to an offer of permessage-deflate; empty if there is no connection. */
async function agreement(
  target: Target,
  address: Address,
  deflate: object,
  signal: AbortSignal,
): Promise<string> {
  const subprotocols = target.description.websocket?.subprotocols ?? []
  const socket = dialWebSocket(target, address, { subprotocols, deflate })
  socket.on('error', () => undefined)
  const abort = (): void => socket.terminate()
  signal.addEventListener('abort', abort, { once: true })
  try {
    let answer = ''
    socket.once('upgrade', ({ headers }) => (answer = headers['sec-websocket-extensions'] ?? ''))
    return (await isOpened(socket, address.url)) ? answer : ''
  } finally {
    await closed(socket)
    signal.removeEventListener('abort', abort)
  }
}

/** Where a session cannot be opened, there is nothing to find; the cases will say why. */
async function probingAddress(target: Target, signal: AbortSignal): Promise<Address | undefined> {
  try {
    const scope = { channel: `pushspec-probe-${randomUUID()}`, nonce: randomUUID(), client: randomUUID() }
    return target.address('websocket', await openSession(target, 'websocket', scope, signal))
  } catch (error) {
    if (error instanceof HookFailed) return undefined
    throw error
  }
}

function isOpened(socket: WebSocket, url: URL): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => socket.terminate(), handshakeMs)
    const settle = (opened: boolean): void => {
      clearTimeout(late)
      resolve(opened)
    }
    socket.once('open', () => settle(true))
    socket.once('close', () => settle(false))
    socket.once('error', (error) => {
      clearTimeout(late)
      if (isAboutTheWay(error)) reject(new Unreachable(url, error))
      else resolve(false)
    })
  })
}

async function lookAt(socket: WebSocket, target: Target, echoMs: number): Promise<void> {
  if (socket.extensions.split(/[,;]/).some((name) => name.trim() === 'permessage-deflate'))
    target.found('websocket.deflate', 'it agreed to permessage-deflate')
  if (target.description.websocket?.echo === undefined && (await isEchoed(socket, echoMs)))
    target.found('websocket.echo', 'it sent a text back as it came')
}

function isEchoed(socket: WebSocket, echoMs: number): Promise<boolean> {
  const text = `pushspec ${randomUUID()}`
  return new Promise((resolve) => {
    const late = setTimeout(() => settle(false), echoMs)
    const settle = (echoed: boolean): void => {
      clearTimeout(late)
      resolve(echoed)
    }
    socket.on('message', (data, isBinary) => {
      if (!isBinary && Buffer.isBuffer(data) && data.toString() === text) settle(true)
    })
    socket.once('close', () => settle(false))
    socket.send(text)
  })
}
