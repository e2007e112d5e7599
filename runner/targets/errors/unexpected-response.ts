import { STATUS_CODES } from 'node:http'
import type { HeaderList } from '../../wire/headers.ts'
import { withoutSecrets } from './unreachable.ts'

/** There is a response, but not from what the address was given for. The message states what it seems to be and what to do. */
export class UnexpectedResponse extends Error {
  override readonly name = 'UnexpectedResponse'
}

/** The response that a valid request got instead of the expected one. */
export interface Refusal {
  readonly status: number
  readonly headers: HeaderList
}

/** The error for a valid opening handshake with another response than 101. */
export const handshakeRefused = (url: URL, refusal: Refusal): UnexpectedResponse =>
  refused(url, 'the opening handshake of a WebSocket', refusal, webSocketAdvice(url, refusal))

/** The error for a request whose response does not come from the resource (see `blocksAccess`). */
export const requestRefused = (url: URL, refusal: Refusal): UnexpectedResponse =>
  refused(url, 'a GET request', refusal, adviceFor(refusal, url))

/** The error for a response without end that is not an event stream. */
export const endlessResponse = (url: URL, type: string | undefined): UnexpectedResponse =>
  new UnexpectedResponse(
    `${withoutSecrets(url)} sends a response without end, as ${type?.slice(0, 100) ?? 'no type at all'}. An event stream has the type text/event-stream; other endless responses are not judged`,
  )

const refused = (url: URL, what: string, { status }: Refusal, advice: string): UnexpectedResponse =>
  new UnexpectedResponse(
    `${withoutSecrets(url)} responds to ${what} with ${statusLine(status)}. ${advice}`.trimEnd(),
  )

/** `404 Not Found`. */
export const statusLine = (status: number): string => `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()

function webSocketAdvice(url: URL, { status, headers }: Refusal): string {
  const plain = withoutSecrets(url).replace(/^ws/, 'http')
  if (status === 200 && /^text\/event-stream\b/i.test(headers.get('content-type') ?? ''))
    return `This is an event stream: say ${plain}`
  if (status >= 200 && status <= 299)
    return `This is plain HTTP: say ${plain} to judge that, or give the path of the WebSocket`
  return adviceFor({ status, headers }, url)
}

const fields = `-H 'authorization: …', -H 'cookie: …' (headers: in a target description)`
const limited = 'Wait, and play fewer cases at once (--concurrency 4), or raise the limit for this test'

/** Advice on how to change the request, derived from the status; empty if there is none. */
export function adviceFor({ status, headers }: Refusal, url: URL): string {
  const location = headers.get('location')
  if (status >= 300 && status <= 399 && location !== undefined)
    return `It redirects to ${location.slice(0, 300)}: give that address, redirects are not followed`
  switch (status) {
    case 401:
    case 407:
      return `It requires a header field with credentials: ${fields}`
    case 403:
      return `Does it require a header field, or a known Origin? -H 'origin: …', ${fields}`
    case 404:
    case 410:
      return `There is nothing at ${url.pathname}: is the path right?`
    case 405:
      return `It requires another method there: ${headers.get('allow')?.slice(0, 100) ?? 'it does not state which'}`
    case 415:
      return 'It requires another type of content: set it under headers: { content-type: … }'
    case 429:
      return `It limits the rate of requests${retryAfter(headers)}. ${limited}`
    case 503:
      return `It is unavailable for now${retryAfter(headers)}: is it still starting, or are there too many connections? ${limited}`
    default:
      return ''
  }
}

const retryAfter = (headers: HeaderList): string => {
  const time = headers.get('retry-after')
  return time === undefined ? '' : ` (Retry-After: ${time.slice(0, 60)})`
}

/** Whether access was denied, limited or redirected, so that nothing is known about the resource. */
export const blocksAccess = ({ status, headers }: Refusal): boolean =>
  [401, 403, 407, 429, 503].includes(status) || (status >= 300 && status <= 399 && headers.has('location'))
