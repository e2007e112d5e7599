import type { TargetDescription } from '../description/schema.ts'
import type { Target } from '../target.ts'
import type { Address } from '../address.ts'
import { isWebSocket } from './websocket.ts'
import {
  statusLine,
  adviceFor,
  endlessResponse,
  blocksAccess,
  requestRefused,
  UnexpectedResponse,
} from '../errors/unexpected-response.ts'
import { speaksTls, tlsWanted, unreachable } from './tls-port.ts'
import { Unreachable } from '../errors/unreachable.ts'
import { deadline } from '../../wire/deadline.ts'
import { beginOwnRequest, type OpenResponse, readBody } from '../request.ts'

/** Bounds of the detection. */
export interface DetectOptions {
  /** Milliseconds in which a server that does not hold the request begins to respond (default: 3000). */
  readonly firstByteMs?: number
}

/** Bytes of a response that are read. */
const mostBytes = 64 * 1024
/** A time-out for the connection, in milliseconds, beside the agent's own. */
const connectMs = 6000

/** What was detected at a bare URL. */
interface Finding {
  readonly description: Omit<TargetDescription, 'target'>
  readonly took: string
}

/**
 * Requests the URL of a bare target once and detects what is there: an event stream, a document that can be polled, an
 * endpoint that holds the request, or a WebSocket. The new target states the result in `took`.
 * @throws Unreachable if nothing responds there, UnexpectedResponse if the response is not from the resource.
 */
export async function detectTechnique(
  target: Target,
  signal: AbortSignal,
  options: DetectOptions = {},
): Promise<Target> {
  const address = detectionAddress(target)
  const path = target.description.http?.path ?? '/'
  const { description, took } = await seen(target, address, path, signal, options.firstByteMs ?? 3000)
  const { http: _, ...others } = target.description
  const looked = target.as({ ...others, ...description }, took)
  for (const need of Object.keys(description)) looked.found(need, took)
  await target.close()
  return looked
}

function detectionAddress(target: Target): Address {
  const address = target.address('http', { channel: 'pushspec-look', nonce: 'look' })
  const hasAccept = address.headers.some(([name]) => name.toLowerCase() === 'accept')
  return hasAccept
    ? address
    : { ...address, headers: [...address.headers, ['accept', 'text/event-stream, */*']] }
}

async function seen(
  target: Target,
  address: Address,
  path: string,
  signal: AbortSignal,
  firstByteMs: number,
): Promise<Finding> {
  const clock = startAtConnect(target, signal, firstByteMs)
  try {
    const response = await beginOwnRequest(target, address, clock.signal)
    return await finding({ ...response, target, address, signal }, path, clock.isOver)
  } catch (error) {
    if (error instanceof UnexpectedResponse) throw error
    if (clock.isOver())
      return {
        description: { 'long-polling': { path } },
        took: `long-polling: it held the request for ${firstByteMs} ms`,
      }
    if (signal.aborted || error instanceof Unreachable) throw error
    throw await unreachable(address.url, error, signal)
  } finally {
    clock.stop()
  }
}

interface Clock {
  readonly signal: AbortSignal
  /** Whether the time for the first byte after the connection has passed. */
  readonly isOver: () => boolean
  readonly stop: () => void
}

/** The time for the first byte begins with the connection: a server that cannot be reached holds no request. */
function startAtConnect(target: Target, signal: AbortSignal, firstByteMs: number): Clock {
  const over = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const connected = (): void => {
    timer = setTimeout(() => over.abort(), firstByteMs)
  }
  target.agent.once('connect', connected)
  const limit = deadline(connectMs + firstByteMs, signal, over.signal)
  return {
    signal: limit.signal,
    isOver: () => over.signal.aborted,
    stop: () => {
      clearTimeout(timer)
      limit.release()
      target.agent.off('connect', connected)
    },
  }
}

/** A response, and what is needed for another request. */
interface ResponseToExplore extends OpenResponse {
  readonly target: Target
  readonly address: Address
  readonly signal: AbortSignal
}

async function finding(response: ResponseToExplore, path: string, isOver: () => boolean): Promise<Finding> {
  const { status, headers, body } = response
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (status === 200 && type === 'text/event-stream') {
    body.destroy()
    return { description: { sse: { path } }, took: 'Server-Sent Events: it responds with text/event-stream' }
  }
  // RFC 9110 section 15.5.22: the server requires another protocol here.
  if (status === 426 && headers.list('upgrade').some((name) => name.toLowerCase() === 'websocket')) {
    body.destroy()
    return {
      description: { websocket: { path } },
      took: 'WebSocket: it responds with 426 and requires an upgrade to websocket',
    }
  }
  return plain(response, path, isOver)
}

async function plain(response: ResponseToExplore, path: string, isOver: () => boolean): Promise<Finding> {
  const { status, headers, body } = response
  const { text, state } = await beginningOf(body, isOver)
  const type = headers.get('content-type')
  if (status === 200 && looksLikeEventStream(text))
    return {
      description: { sse: { path } },
      took: `Server-Sent Events: it sends the lines of an event stream, but as ${type ?? 'no media type'}`,
    }
  if (state === 'continues') throw endlessResponse(response.address.url, type)
  if (state === 'held')
    return {
      description: { 'long-polling': { path, earlyHeaders: true } },
      took: `long-polling: it sends ${text === '' ? 'the header section' : 'the beginning of a response'} and holds the rest`,
    }
  if (status < 200 || status > 299) return refusal(response, path)
  const validated = headers.has('etag')
  return {
    description: { http: { path }, polling: validated ? byValidator(path) : { path, delivers: 'last' } },
    took: `polling: it responds with ${status} at once${validated ? ', and with an entity tag' : ''}`,
  }
}

/** Many servers with a WebSocket at a path respond to plain requests with an error, so a handshake is tried too. */
async function refusal(
  { status, headers, target, address, signal }: ResponseToExplore,
  path: string,
): Promise<Finding> {
  const { url } = address
  if (status === 400 && (await speaksTls(url, signal))) throw new Unreachable(url, tlsWanted)
  if (blocksAccess({ status, headers })) throw requestRefused(url, { status, headers })
  const { description } = target
  const asWebSocket = target.as({ ...description, websocket: { path } }, '')
  if (await isWebSocket(asWebSocket, signal))
    return {
      description: { websocket: { path } },
      took: `WebSocket: it responds to GET with ${status}, and agrees to an upgrade to websocket`,
    }
  const advice = adviceFor({ status, headers }, url)
  const took = `plain HTTP: it responds with ${statusLine(status)} at once`
  return { description: { http: { path } }, took: advice === '' ? took : `${took}. ${advice}` }
}

/** The cursor is the entity tag (RFC 9110 section 13.1.2). */
const byValidator = (path: string): NonNullable<TargetDescription['polling']> => ({
  path,
  cursor: { from: { header: 'etag' }, send: { header: 'if-none-match' } },
  empty: { status: 304 },
  delivers: 'last',
})

/** The beginning of a body, and whether the body ended, paused, or continued without end. */
interface BodyBeginning {
  readonly text: string
  readonly state: 'over' | 'held' | 'continues'
}

/** A server that still sends content after so many milliseconds does not hold the request. */
const oneGoMs = 500

async function beginningOf(body: OpenResponse['body'], isOver: () => boolean): Promise<BodyBeginning> {
  const chunks: Uint8Array[] = []
  const startedAt = performance.now()
  let lastAt = startedAt
  const timed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      // White space may keep a held request alive; it is not content.
      if (Buffer.from(chunk).toString().trim() !== '') lastAt = performance.now()
      yield chunk
    }
  }
  const read = (state: BodyBeginning['state']): BodyBeginning => ({
    text: Buffer.concat(chunks).subarray(0, mostBytes).toString(),
    state,
  })
  try {
    await readBody(chunks, Object.assign(timed(), { destroy: () => body.destroy() }), mostBytes)
    return read('over')
  } catch (error) {
    if (!isOver()) throw error
    return read(lastAt - startedAt > oneGoMs ? 'continues' : 'held')
  }
}

/** Whether a text has only lines of an event stream (WHATWG HTML section 9.2.5), and at least one complete block. */
function looksLikeEventStream(text: string): boolean {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  const whole = lines.slice(0, -1)
  const isField = (line: string): boolean => /^(:|(data|event|id|retry)(:|$))/.test(line)
  return whole.includes('') && whole.some(isField) && whole.every((line) => line === '' || isField(line))
}
