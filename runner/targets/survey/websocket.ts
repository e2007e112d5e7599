import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import { HookFailed } from '../errors/hook-failed.ts'
import { isDeclared } from '../description/needs.ts'
import { openSession } from '../hooks/session.ts'
import type { Target } from '../target.ts'
import type { Address } from '../address.ts'
import { HeaderList } from '../../wire/headers.ts'
import { handshakeRefused, type Refusal, type UnexpectedResponse } from '../errors/unexpected-response.ts'
import { speaksTls, tlsWanted, unreachable } from './tls-port.ts'
import { isConnectionError, Unreachable } from '../errors/unreachable.ts'
import { echoesToSenderAlone } from './echo.ts'
import { closed, dialWebSocket } from '../hooks/websocket.ts'

export interface ProbeOptions {
  /** Milliseconds to wait for the echo (default: 1000). */
  readonly echoMs?: number
}

/** The time-out of the handshake, in milliseconds. */
const handshakeMs = 5000

/**
 * Detects what the description of a WebSocket endpoint leaves open: whether it echoes messages, and whether it accepts
 * permessage-deflate. Adds the capabilities to the target. Resolves to the error for a refused handshake, if it is.
 * @throws Unreachable if the server cannot be reached.
 */
export async function probeWebSocket(
  target: Target,
  signal: AbortSignal,
  options: ProbeOptions = {},
): Promise<UnexpectedResponse | undefined> {
  const { websocket } = target.description
  if (websocket === undefined) return undefined
  const isKnown = websocket.echo !== undefined && websocket.deflate !== undefined
  const isAgreed = parameters.every(([need]) => isDeclared(need, target.description) !== undefined)
  if (isKnown && isAgreed) return undefined
  const address = await probingAddress(target, signal)
  if (address === undefined) return undefined
  const refusal = isKnown ? undefined : await probeEcho(target, address, signal, options)
  if (!isAgreed && target.ability('websocket.deflate').has) await probeParameters(target, address, signal)
  return refusal
}

/** Whether the WebSocket endpoint of the description accepts a handshake. */
export async function isWebSocket(target: Target, signal: AbortSignal): Promise<boolean> {
  const address = target.address('websocket', { channel: 'pushspec-look', nonce: 'look' })
  return withSocket(
    target,
    address,
    signal,
    async (socket) => (await opening(socket, address.url, signal)) === 'open',
  )
}

async function probeEcho(
  target: Target,
  address: Address,
  signal: AbortSignal,
  options: ProbeOptions,
): Promise<UnexpectedResponse | undefined> {
  let isClosed = false
  const found = await withSocket(target, address, signal, async (socket) => {
    const opened = await opening(socket, address.url, signal)
    if (opened === 'open') await lookAt(socket, { target, address, signal, echoMs: options.echoMs ?? 1000 })
    isClosed = socket.readyState !== socket.OPEN
    return opened
  })
  if (found === 'open' && isClosed) target.hangsUp = await hangingUp(target, address, signal)
  return typeof found === 'object' ? handshakeRefused(address.url, found) : undefined
}

/** The longest time that counts as at once, in milliseconds. */
const atOnceMs = 500

/** How the target closes a connection on which nothing is sent; undefined if it does not do so at once. */
function hangingUp(target: Target, address: Address, signal: AbortSignal): Promise<string | undefined> {
  return withSocket(target, address, signal, async (socket) => {
    let how: string | undefined
    const ended = new Promise<void>((resolve) =>
      socket.once('close', (code, reason) => {
        how = hungUp(code, reason.toString())
        resolve()
      }),
    )
    if ((await opening(socket, address.url, signal)) !== 'open') return undefined
    await Promise.race([ended, delay(atOnceMs)])
    return how
  })
}

/** RFC 6455 section 7.1.5: 1005 stands for a Close without a code, 1006 for an end without a Close. */
function hungUp(code: number, reason: string): string {
  const why = reason === '' ? '' : ` ${JSON.stringify(reason)}`
  const how = code === 1006 ? 'without a Close' : code === 1005 ? 'with a Close' : `with code ${code}${why}`
  return `the target ends every connection at once, ${how}, before anything is sent; if it wants a subprotocol or credentials, say so in the description: subprotocols, headers, setup`
}

/** Subprotocols that no server has: one that chooses them chooses any first or last name. */
const madeUp = ['pushspec.1', 'pushspec.2'] as const
/** Subprotocols in common use, in offers of fewer than 128 bytes, because some servers refuse longer ones. */
const usualSubprotocols = [
  ['graphql-transport-ws', 'graphql-ws', 'actioncable-v1-json', 'centrifuge-json'],
  ['mqtt', 'xmpp', 'v12.stomp', 'wamp.2.json', 'ocpp1.6', 'ocpp2.0.1', 'sip'],
]

/** The usual subprotocol that the endpoint chooses; undefined if it chooses none, or any name. */
async function subprotocolOf(target: Target, signal: AbortSignal): Promise<string | undefined> {
  const address = await probingAddress(target, signal)
  if (address === undefined) return undefined
  const chosenOf = (subprotocols: readonly string[]): Promise<string> =>
    withSocket(
      target,
      address,
      signal,
      async (socket) => ((await opening(socket, address.url, signal)) === 'open' ? socket.protocol : ''),
      { subprotocols },
    )
  for (const names of usualSubprotocols) {
    const chosen = await chosenOf([madeUp[0], ...names, madeUp[1]])
    if (chosen !== '') return names.find((name) => name === chosen)
  }
  return undefined
}

/** The target with the usual subprotocol that it chooses, if its description has none. */
export async function withSubprotocol(target: Target, signal: AbortSignal): Promise<Target> {
  const { websocket } = target.description
  if (websocket === undefined || websocket.subprotocols !== undefined) return target
  const chosen = await subprotocolOf(target, signal)
  if (chosen === undefined) return target
  const subprotocols = [chosen]
  const spoken = target.as({ ...target.description, websocket: { ...websocket, subprotocols } }, target.took)
  spoken.found('websocket.subprotocols', `it chose ${chosen} among the common subprotocols`)
  return spoken
}

/** Connects, uses the socket, and completes the closing handshake. */
async function withSocket<T>(
  target: Target,
  address: Address,
  signal: AbortSignal,
  use: (socket: WebSocket) => Promise<T>,
  offer: { subprotocols?: readonly string[]; deflate?: object } = {},
): Promise<T> {
  const subprotocols = target.description.websocket?.subprotocols ?? []
  const socket = dialWebSocket(target, address, { subprotocols, ...offer })
  socket.on('error', () => undefined)
  const abort = (): void => socket.terminate()
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await use(socket)
  } finally {
    await closed(socket)
    signal.removeEventListener('abort', abort)
  }
}

/** The parameters of permessage-deflate, each in a separate offer: a server without one declines the whole offer. */
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

/** Adds the capability if the response has permessage-deflate and allows the client to refer to earlier messages. */
function noteContext(target: Target, need: string, agreed: string): void {
  if (agreed !== '' && !agreed.includes('client_no_context_takeover'))
    target.found(need, 'it did not demand client_no_context_takeover')
}

/** The Sec-WebSocket-Extensions of the response to an offer of permessage-deflate; empty if the handshake failed. */
function agreement(target: Target, address: Address, deflate: object, signal: AbortSignal): Promise<string> {
  const ask = async (socket: WebSocket): Promise<string> => {
    let response = ''
    socket.once('upgrade', ({ headers }) => (response = headers['sec-websocket-extensions'] ?? ''))
    return (await opening(socket, address.url, signal)) === 'open' ? response : ''
  }
  return withSocket(target, address, signal, ask, { deflate })
}

/** The address for probing; undefined if a session cannot be opened, for which the cases will state the reason. */
async function probingAddress(target: Target, signal: AbortSignal): Promise<Address | undefined> {
  try {
    const scope = { channel: `pushspec-probe-${randomUUID()}`, nonce: randomUUID(), client: randomUUID() }
    return target.address('websocket', await openSession(target, 'websocket', scope, signal))
  } catch (error) {
    if (error instanceof HookFailed) return undefined
    throw error
  }
}

/** The result of an opening handshake; `broken`: no response, or a malformed one. */
type Opening = 'open' | 'broken' | Refusal

async function opening(socket: WebSocket, url: URL, signal: AbortSignal): Promise<Opening> {
  const outcome = await handshake(socket)
  if (outcome === 'open' || outcome === 'broken') return outcome
  if ('status' in outcome) {
    // Many servers respond 400 to plain HTTP on a port of TLS.
    if (outcome.status === 400 && url.protocol === 'ws:' && (await speaksTls(url, signal)))
      throw new Unreachable(url, tlsWanted)
    return outcome
  }
  if (isConnectionError(outcome.error)) throw new Unreachable(url, outcome.error)
  const error = await unreachable(url, outcome.error, signal)
  if (error.cause === tlsWanted) throw error
  return 'broken'
}

function handshake(socket: WebSocket): Promise<Opening | { error: unknown }> {
  return new Promise((resolve) => {
    const late = setTimeout(() => socket.terminate(), handshakeMs)
    const settle = (outcome: Opening | { error: unknown }): void => {
      clearTimeout(late)
      resolve(outcome)
    }
    socket.once('open', () => settle('open'))
    socket.once('close', () => settle('broken'))
    socket.once('error', (error) => settle({ error }))
    socket.once('unexpected-response', (_request, { statusCode = 0, rawHeaders }) => {
      const fields = rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : [],
      )
      settle({ status: statusCode, headers: new HeaderList(fields) })
      socket.terminate()
    })
  })
}

interface Probe {
  readonly target: Target
  readonly address: Address
  readonly signal: AbortSignal
  readonly echoMs: number
}

async function lookAt(socket: WebSocket, probe: Probe): Promise<void> {
  const { target } = probe
  if (socket.extensions.split(/[,;]/).some((name) => name.trim() === 'permessage-deflate'))
    target.found('websocket.deflate', 'it agreed to permessage-deflate')
  if (target.description.websocket?.echo === undefined && (await isEcho(socket, probe)))
    target.found('websocket.echo', 'it echoed a text and a binary message')
}

/** Whether the target echoes messages, heard by another client if the target accepts one. */
function isEcho(socket: WebSocket, { target, address, signal, echoMs }: Probe): Promise<boolean> {
  return withSocket(target, address, signal, async (other) => {
    const isOpen = (await opening(other, address.url, signal)) === 'open'
    return echoesToSenderAlone(socket, isOpen ? other : undefined, echoMs)
  })
}
