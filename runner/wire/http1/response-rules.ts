import { showLatin1 } from '../bytes/bytes.ts'
import { imfDate } from './field-rules.ts'
import type { HeaderList } from '../headers.ts'
import type { Report } from '../finding.ts'

/** A complete response and its request. */
export interface ResponseToCheck {
  readonly method: string
  /** Of the request, as in its request line. */
  readonly version: string
  readonly status: number
  readonly headers: HeaderList
  readonly trailers: HeaderList
  readonly hasContent: boolean
}

/** Checks rules of RFC 9110 and RFC 9111 that depend on the status code or on the request. */
export function checkResponse(response: ResponseToCheck, report: Report): void {
  checkStatus(response, report)
  checkTimes(response, report)
  checkRequiredFields(response, report)
  checkContentFields(response, report)
  checkTrailers(response, report)
}

function checkStatus({ status, version }: ResponseToCheck, report: Report): void {
  if (status < 100 || status > 599) report('http-status-range', `the status code is ${status}`)
  if (status < 200 && version === 'HTTP/1.0')
    report('http-1xx-not-to-10', `an HTTP/1.0 request got a ${status}`)
}

const seconds = /^\d+$/

function checkTimes({ status, headers }: ResponseToCheck, report: Report): void {
  // RFC 9110 section 6.6.1
  if (status >= 200 && status <= 499 && !headers.has('date'))
    report('http-date-present', `a ${status} has no Date`)
  const [date, modified] = [headers.get('date'), headers.get('last-modified')]
  // Section 8.8.2.1
  if (date !== undefined && modified !== undefined && Date.parse(modified) > Date.parse(date))
    report('http-last-modified-not-future', `Last-Modified ${modified} is later than Date ${date}`)
  // Section 10.2.3
  const retry = headers.get('retry-after')
  if (retry !== undefined && !seconds.test(retry) && !imfDate.test(retry))
    report(
      'http-retry-after-format',
      `Retry-After is neither a number of seconds nor a date: ${showLatin1(retry)}`,
    )
  // RFC 9111 section 5.2.2.1
  const caching = headers.get('cache-control') ?? ''
  if (/(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*"/i.test(caching))
    report('http-cc-token-form', `a number is in quotes: Cache-Control: ${showLatin1(caching)}`)
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/** Checks for fields that a status code requires. */
function checkRequiredFields({ status, headers }: ResponseToCheck, report: Report): void {
  const requires = (applies: boolean, name: string, rule: string): void => {
    if (applies && !headers.has(name)) report(rule, `a ${status} has no ${name}`)
  }
  requires(status === 405, 'Allow', 'http-405-allow')
  requires(status === 401, 'WWW-Authenticate', 'http-401-challenge')
  requires(status === 426, 'Upgrade', 'http-426-required')
  requires(isRedirect(status), 'Location', 'http-redirect-location')
}

/** The registry of content codings (RFC 9110 section 16.6.1), with the two old names that section 8.4.1 knows. */
const contentCodings: ReadonlySet<string> = new Set([
  'aes128gcm',
  'br',
  'compress',
  'dcb',
  'dcz',
  'deflate',
  'exi',
  'gzip',
  'identity',
  'pack200-gzip',
  'x-compress',
  'x-gzip',
  'zstd',
])

function checkContentFields({ status, headers, hasContent }: ResponseToCheck, report: Report): void {
  if (hasContent && !headers.has('content-type'))
    report('http-content-type-present', `a ${status} has content and no Content-Type`)
  const codings = headers.list('content-encoding').map((coding) => coding.toLowerCase())
  const unknown = codings.filter((coding) => !contentCodings.has(coding))
  if (unknown.length > 0)
    report(
      'http-content-coding-registered',
      `Content-Encoding lists ${showLatin1(unknown.join(', '))}, which is no content coding`,
    )
  if (codings.includes('identity')) report('http-no-identity-coding', 'Content-Encoding lists identity')
  if (status !== 304) return
  for (const name of ['Content-Type', 'Content-Encoding', 'Content-Language', 'Content-Range'])
    if (headers.has(name)) report('http-304-no-extra-metadata', `a 304 has ${name}`)
}

const notInTrailers =
  /^(?:transfer-encoding|content-(?:length|encoding|type|range)|host|trailer|connection|cache-control|expires|age|date|location|retry-after|vary|www-authenticate|set-cookie|authorization|te)$/i

/** RFC 9110 section 6.5.1. An entity tag may be sent there (section 8.8.3). */
function checkTrailers({ headers, trailers }: ResponseToCheck, report: Report): void {
  for (const [name] of trailers.fields) {
    if (notInTrailers.test(name))
      report('http-trailers-only-where-allowed', `${name} is in the trailer section`)
    if (/^last-modified$/i.test(name) && !headers.has(name))
      report('http-trailers-not-essential', `${name} is only in the trailer section`)
  }
}

/** The rule that content after this response breaks, in addition to the rule on framing. */
export function noContentRule({
  method,
  status,
}: Pick<ResponseToCheck, 'method' | 'status'>): string | undefined {
  if (method === 'HEAD') return 'http-head-no-content'
  if (status === 304) return 'http-304-no-content'
  return status === 204 ? 'http-204-no-content' : undefined
}
