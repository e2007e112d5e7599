import type { HeaderList } from '../wire/headers.ts'
import { ask, open, readInto } from './http.ts'
import { look, probe } from './look.ts'
import type { TargetDescription } from './schema.ts'
import type { Address, Target } from './target.ts'

/** What one address turned out to be, in the words of the target description. */
export interface Survey {
  readonly description: Omit<TargetDescription, 'target'>
  /** Sentences: what was seen, and on what it rests. */
  readonly seen: readonly string[]
}

/** How long an event stream is listened to, in milliseconds. */
const listenMs = 3000
const mostBytes = 64 * 1024

/** Names under which servers hand out cursors, in headers and in JSON. */
const cursorHeaders = [
  'next-cursor',
  'x-consul-index',
  'stream-next-offset',
  'x-next',
  'x-cursor',
  'x-last-index',
]
const cursorMembers = ['next', 'cursor', 'nextCursor', 'next_cursor', 'offset']

/**
 * Looks at one URL with a handful of requests and says what it is. Sends nothing that changes anything, except one
 * text message to a WebSocket, to see whether it comes back.
 * @throws Unreachable if nothing answers there, Refused if it is not what it was given for.
 */
export async function survey(target: Target, signal: AbortSignal): Promise<Survey> {
  if (target.description.websocket !== undefined)
    return surveyWebSocket(target, target.description.websocket.path, signal)
  const looked = await look(target, signal)
  const { websocket, sse, polling, 'long-polling': longPolling } = looked.description
  if (websocket !== undefined) return surveyWebSocket(looked, websocket.path, signal)
  if (sse !== undefined) return surveyStream(looked, sse.path, looked.took, signal)
  if (polling !== undefined) return surveyPolling(looked, polling.path, looked.took, signal)
  const path = longPolling?.path ?? '/'
  return {
    description: { 'long-polling': { path } },
    seen: [looked.took, 'how a hold ends is not known: say it under timeout'],
  }
}

async function surveyWebSocket(target: Target, path: string, signal: AbortSignal): Promise<Survey> {
  const refused = await probe(target, signal)
  if (refused !== undefined) throw refused
  const [echo, deflate] = [target.ability('websocket.echo'), target.ability('websocket.deflate')]
  return {
    description: { websocket: { path, echo: echo.has, deflate: deflate.has } },
    seen: [
      echo.has ? 'it sent a text back as it came' : 'it did not send a text back within a second',
      deflate.has ? 'it agreed to permessage-deflate' : 'it did not agree to permessage-deflate',
      'which subprotocols it speaks cannot be asked: say them under subprotocols',
    ],
  }
}

async function surveyStream(
  target: Target,
  path: string,
  took: string,
  signal: AbortSignal,
): Promise<Survey> {
  const text = await listen(target, target.address('sse', surveyScope), signal)
  const retry = /^retry: ?\d+/m.test(text)
  const ids = /^id: ?./m.test(text)
  const emits = /^data:/m.test(text)
  return {
    description: { sse: { path, ...(retry ? { retry } : {}), ...(emits ? { emits } : {}) } },
    seen: [
      took,
      ...(retry ? ['it announces a reconnection time'] : []),
      ...(emits ? ['it sends events on its own'] : ['no event came in 3 s']),
      ids
        ? 'its events have ids: if it replays after Last-Event-ID, say resume: true'
        : 'no id was seen: whether it resumes is not known',
    ],
  }
}

const surveyScope = { channel: 'pushspec-survey', nonce: 'survey' }

/** What a stream sends in the first seconds. */
async function listen(target: Target, address: Address, signal: AbortSignal): Promise<string> {
  const accept = { ...address, headers: [...address.headers, ['accept', 'text/event-stream'] as const] }
  const { body } = await open(target, accept, signal)
  const chunks: Uint8Array[] = []
  let isOver = false
  const timer = setTimeout(() => {
    isOver = true
    body.destroy()
  }, listenMs)
  try {
    await readInto(chunks, body, mostBytes)
  } catch (error) {
    // Destroyed by the timer: then what came is what there was to hear.
    if (!isOver) throw error
  } finally {
    clearTimeout(timer)
    body.destroy()
  }
  return Buffer.concat(chunks).toString()
}

async function surveyPolling(
  target: Target,
  path: string,
  took: string,
  signal: AbortSignal,
): Promise<Survey> {
  const address = target.address('polling', surveyScope)
  const answer = await ask(target, address, signal)
  const tag = answer.headers.get('etag')
  const validators = tag !== undefined && (await revalidates(target, address, tag, signal))
  const from = cursorIn(answer.headers, answer.body)
  return {
    description: {
      polling: {
        path,
        ...(validators ? { validators, empty: { status: 304 } } : {}),
        ...(from === undefined ? {} : { cursor: { from, send: { query: 'since' } } }),
        delivers: from === undefined ? 'last' : 'many',
      },
    },
    seen: [
      took,
      validators
        ? 'a conditional request was answered with 304'
        : 'a conditional request is not answered with 304',
      from === undefined
        ? 'no cursor was found: it is taken for a document with the last state'
        : 'the cursor is a guess: check where it is found, and how it is sent',
    ],
  }
}

async function revalidates(
  target: Target,
  address: Address,
  tag: string,
  signal: AbortSignal,
): Promise<boolean> {
  const conditional = { ...address, headers: [...address.headers, ['if-none-match', tag] as const] }
  return (await ask(target, conditional, signal)).status === 304
}

function cursorIn(headers: HeaderList, body: string): { header: string } | { json: string } | undefined {
  const header = cursorHeaders.find((name) => headers.has(name))
  if (header !== undefined) return { header }
  const members = membersOf(body)
  const member = cursorMembers.find((name) => members.includes(name))
  return member === undefined ? undefined : { json: `/${member}` }
}

function membersOf(body: string): string[] {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
  } catch {
    return []
  }
}
