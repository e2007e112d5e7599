import type { Result } from '../../run/result.ts'
import { join } from '../../wire/bytes/bytes.ts'
import { HttpResponseParser, type ResponseObservation } from '../../wire/http1/response-parser.ts'
import { defaultLimits } from '../../wire/limits.ts'
import type { Entry } from '../../wire/transcript.ts'
import type { Plan } from './plan.ts'

/** A request that curl can send byte for byte. */
interface PlainRequest {
  readonly method: string
  readonly target: string
  readonly fields: readonly (readonly [string, string])[]
  readonly body: string
}

const requestLine = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/[!-"$-~]*) HTTP\/1\.1$/
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([!-~](?:[ -~]*[!-~])?)$/
/** Fields that change the behaviour of curl or of the connection. */
const fieldsWithEffect = /^(upgrade|transfer-encoding|expect|te|trailer)$/i

/** Undefined for bytes that curl cannot send. */
function plainRequest(bytes: Uint8Array, host: string): PlainRequest | undefined {
  const [head = '', ...rest] = Buffer.from(bytes).toString('latin1').split('\r\n\r\n')
  const body = rest.join('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const [, method, target] = requestLine.exec(line) ?? []
  const read = lines.map((text) => field.exec(text))
  if (rest.length === 0 || method === undefined || target === undefined || read.includes(null))
    return undefined
  const fields = read.map((match) => [match?.[1] ?? '', match?.[2] ?? ''] as const)
  const named = (name: string) =>
    fields.filter(([its]) => its.toLowerCase() === name).map(([, value]) => value)
  const isPlain = !/[^ -~]/.test(body) && fields.every(([name]) => !fieldsWithEffect.test(name))
  const isFramed = body === '' || named('content-length').join() === String(body.length)
  const isHosted = fields[0]?.[0].toLowerCase() === 'host' && named('host').join() === host
  return isPlain && isFramed && isHosted ? { method, target, fields, body } : undefined
}

/** The response, if curl can show all of it; undefined if it breaks a rule of HTTP/1.1, or if bytes follow it. */
function plainResponse(
  entries: readonly Entry[],
  request: PlainRequest,
): readonly ResponseObservation[] | undefined {
  const received = entries.filter(({ direction }) => direction === 'received')
  if (received.some(({ bytes, length }) => bytes.length < length)) return undefined
  let isClean = true
  const parser = new HttpResponseParser({ limits: defaultLimits, onFinding: () => (isClean = false) })
  parser.expect(request.method, 'HTTP/1.1')
  const seen = parser.push(join(received.map(({ bytes }) => bytes)))
  const ends = received.filter(({ length }) => length === 0).map(({ what }) => what)
  if (ends.length > 0) seen.push(...parser.end())
  const completed = seen.findIndex(({ kind }) => kind === 'complete')
  const isWhole = seen.every(({ kind }) => kind !== 'malformed' && kind !== 'switched')
  const isOver = completed < 0 || completed === seen.length - 1
  return isClean && isWhole && isOver && isExpectedEnd(ends, seen) ? seen : undefined
}

/** Whether the server closed the connection as announced by `Connection: close` or by the framing of the response. */
function isExpectedEnd(ends: readonly string[], seen: readonly ResponseObservation[]): boolean {
  if (ends.length === 0) return true
  const isFramed = seen.some((one) => one.kind === 'complete' && one.framing === 'close')
  const isAnnounced = seen.some(
    (one) => one.kind === 'head' && /close/i.test(one.headers.get('connection') ?? ''),
  )
  return ends.join() === 'FIN' && (isFramed || isAnnounced)
}

/** One word of a POSIX shell. */
export const shellQuoted = (text: string): string =>
  /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`

function commandOf({ method, target, fields, body }: PlainRequest, url: string, more: string[]): string {
  const names = new Set(fields.map(([name]) => name.toLowerCase()))
  const isAdded = (name: string): boolean => !names.has(name) && (name !== 'content-type' || body !== '')
  const sent = fields.filter(
    ([name]) => !/^(host|user-agent)$/i.test(name) && !(body !== '' && /^content-length$/i.test(name)),
  )
  const agent = fields.find(([name]) => /^user-agent$/i.test(name))?.[1] ?? ''
  const words = [
    'curl',
    '-i',
    '--http1.1',
    ...more,
    ...(target.includes('/.') ? ['--path-as-is'] : []),
    ...(/[[\]{}]/.test(target) ? ['-g'] : []),
    ...(method === 'HEAD' ? ['-I'] : method === 'GET' && body === '' ? [] : ['-X', method]),
    '-A',
    agent,
    ...['accept', 'content-type'].filter(isAdded).flatMap((name) => ['-H', `${name}:`]),
    ...sent.flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(body === '' ? [] : ['--data-raw', body]),
    url + target,
  ]
  return words.map(shellQuoted).join(' ')
}

/** Verbs about the state of the connection, which curl does not show. */
const aboutConnections = new Set(['ended'])

/** A curl command that repeats the plan; undefined unless the plan is one plain HTTP exchange on one connection. */
export function curlOf(
  plan: Plan,
  { step, transcript }: Pick<Result, 'step' | 'transcript'>,
): string | undefined {
  const [open, send, ...rest] = plan.steps
  if (open?.do !== 'open' || !open.url.startsWith('http:') || send?.do !== 'send') return undefined
  const [only] = send.pieces
  const isPlain = send.chop === 0 && send.pieces.length === 1 && only?.length === only?.bytes.length
  if (only === undefined || !isPlain || rest.some((one) => one.do !== 'await')) return undefined
  if (plan.asides.length > 0 || aboutConnections.has(step?.verb ?? '')) return undefined
  const request = plainRequest(only.bytes, new URL(open.url).host)
  const response = request && plainResponse(transcript, request)
  if (request === undefined || response === undefined) return undefined
  const isChunked = response.some((one) => one.kind === 'head' && one.headers.has('transfer-encoding'))
  const isOpen = !response.some(({ kind }) => kind === 'complete')
  const seconds = Math.ceil(plan.watchMs / 1000) + 1
  const more = [...(isChunked ? ['--raw'] : []), ...(isOpen ? ['-N', '--max-time', String(seconds)] : [])]
  return commandOf(request, open.url, more)
}
