import type { IncomingMessage } from 'node:http'
import { Refusal } from './response.ts'

/** The values of all field lines with this name, as received (Node joins some of them and drops others). */
export function fieldLines(request: IncomingMessage, name: string): string[] {
  const values: string[] = []
  const raw = request.rawHeaders
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() === name) values.push(raw[at + 1] ?? '')
  }
  return values
}

/** The members of a comma-separated list of tokens, in lower case (RFC 9110 section 5.6.1). */
export function tokens(request: IncomingMessage, name: string): string[] {
  return fieldLines(request, name)
    .flatMap((value) => value.split(','))
    .map((member) => member.trim().toLowerCase())
    .filter((member) => member !== '')
}

/** RFC 9112 section 6: a request has content if it has a length or a transfer coding. */
export function hasContent(request: IncomingMessage): boolean {
  return 'transfer-encoding' in request.headers || Number(request.headers['content-length'] ?? 0) > 0
}

/** The URL of a request target in origin form or absolute form (RFC 9112 section 3.2). */
export function targetOf(request: IncomingMessage): URL {
  const target = request.url ?? ''
  const absolute = target.startsWith('/') ? `http://localhost${target}` : target
  if (!/^https?:\/\//i.test(absolute) || !URL.canParse(absolute)) {
    throw new Refusal(400, 'The request target is neither a path nor an http URL.')
  }
  return new URL(absolute)
}

const hostField = /^(\[[0-9a-f:.]+\]|[a-z0-9\-._~%!$&'()*+,;=]*)(:[0-9]*)?$/i

/** Checks the rules for all requests. @throws Refusal */
export function checkRequest(request: IncomingMessage): void {
  if (request.httpVersionMajor !== 1) throw new Refusal(505, 'This server speaks HTTP/1.1.')
  checkHost(request)
  checkTransferCoding(request)
  checkExpectation(request)
}

/** Channels whose name begins with `private-` require the token (RFC 6750 section 2.1). @throws Refusal */
export function checkAccess({ headers }: IncomingMessage, channel: string, token: string): void {
  if (channel.startsWith('private-') && headers.authorization !== `Bearer ${token}`)
    throw new Refusal(401, 'This channel is private.', { 'WWW-Authenticate': 'Bearer' })
}

/** RFC 9112 section 3.2: a request has exactly one valid Host field, which is optional in HTTP/1.0. */
function checkHost(request: IncomingMessage): void {
  const hosts = fieldLines(request, 'host')
  const least = request.httpVersion === '1.0' ? 0 : 1
  if (hosts.length < least || hosts.length > 1 || hosts.some((host) => !hostField.test(host))) {
    throw new Refusal(400, 'A request has one Host field: a name or address, and optionally a port.')
  }
}

/** RFC 9112 section 6.1: HTTP/1.0 has no transfer codings; unknown codings get a 501. */
function checkTransferCoding(request: IncomingMessage): void {
  const codings = tokens(request, 'transfer-encoding')
  if (codings.length === 0) return
  if (request.httpVersion === '1.0') {
    throw new Refusal(400, 'HTTP/1.0 has no Transfer-Encoding.', { Connection: 'close' })
  }
  if (codings.join() !== 'chunked') throw new Refusal(501, 'The only transfer coding here is chunked.')
}

/** RFC 9110 section 10.1.1: 100-continue is the only defined expectation; any other gets a 417. */
function checkExpectation(request: IncomingMessage): void {
  if (tokens(request, 'expect').some((expectation) => expectation !== '100-continue')) {
    throw new Refusal(417, 'The only expectation that can be met is 100-continue.')
  }
}

/** A whole number in the query; undefined if the parameter is missing. @throws Refusal */
export function wholeNumber(url: URL, name: string): number | undefined {
  const values = url.searchParams.getAll(name)
  const [value] = values
  if (value === undefined) return undefined
  if (values.length > 1 || !/^[0-9]{1,15}$/.test(value)) {
    throw new Refusal(400, `"${name}" is one whole number, such as ${name}=5.`)
  }
  return Number(value)
}

/** The cursor of a poll in the query: a position that is not ahead of `head`. @throws Refusal */
export function cursorOf(url: URL, head: number): number | undefined {
  return checkPosition(wholeNumber(url, 'since'), head)
}

/** Returns `since`, which must not be ahead of the newest update. @throws Refusal */
export function checkPosition(since: number | undefined, head: number): number | undefined {
  if (since !== undefined && since > head) {
    throw new Refusal(400, `"since" is ahead of the channel, which is at ${head}; begin again without it.`)
  }
  return since
}

/** The content of `request`. @throws Refusal (413) as soon as it is known to be longer than `most` bytes */
export async function contentOf(request: IncomingMessage, most: number): Promise<Buffer> {
  const tooLong = (): Refusal => new Refusal(413, `At most ${most} bytes are accepted.`)
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLong()
  const chunks: Buffer[] = []
  let length = 0
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      length += chunk.length
      if (length > most) {
        request.off('data', take)
        reject(tooLong())
      } else chunks.push(chunk)
    }
    request.on('data', take)
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', reject)
  })
}
