import { showLatin1 } from '../bytes/bytes.ts'
import { imfDate } from './field-rules.ts'
import type { HeaderList } from '../headers.ts'
import type { Report } from '../finding.ts'

/** A whole answer, and what it answers. */
export interface ResponseToCheck {
  readonly method: string
  /** Of the request, as in its request line. */
  readonly version: string
  readonly status: number
  readonly headers: HeaderList
  readonly trailers: HeaderList
  readonly hasContent: boolean
}

/** Reports what RFC 9110 and 9111 forbid in an answer, or demand of it, because of what it answers. */
export function checkResponse(answer: ResponseToCheck, report: Report): void {
  checkStatus(answer, report)
  checkTimes(answer, report)
  checkCompanions(answer, report)
  checkContentFields(answer, report)
  checkTrailers(answer, report)
}

function checkStatus({ status, version }: ResponseToCheck, report: Report): void {
  if (status < 100 || status > 599) report('http-status-range', `the status code is ${status}`)
  if (status < 200 && version === 'HTTP/1.0')
    report('http-1xx-not-to-10', `a ${status} answers a request with HTTP/1.0`)
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
    report('http-retry-after-format', `wanted seconds or a date in Retry-After, got ${showLatin1(retry)}`)
  // RFC 9111 section 5.2.2.1
  const caching = headers.get('cache-control') ?? ''
  if (/(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*"/i.test(caching))
    report('http-cc-token-form', `a number is in quotes: Cache-Control: ${showLatin1(caching)}`)
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/** Fields that a status code brings with it. */
function checkCompanions({ status, headers }: ResponseToCheck, report: Report): void {
  const wants = (when: boolean, name: string, rule: string): void => {
    if (when && !headers.has(name)) report(rule, `a ${status} has no ${name}`)
  }
  wants(status === 405, 'Allow', 'http-405-allow')
  wants(status === 401, 'WWW-Authenticate', 'http-401-challenge')
  wants(status === 426, 'Upgrade', 'http-426-required')
  wants(isRedirect(status), 'Location', 'http-redirect-location')
}

function checkContentFields({ status, headers, hasContent }: ResponseToCheck, report: Report): void {
  if (hasContent && !headers.has('content-type'))
    report('http-content-type-present', `a ${status} has content and no Content-Type`)
  const codings = headers.list('content-encoding').map((coding) => coding.toLowerCase())
  if (codings.includes('identity')) report('http-no-identity-coding', 'Content-Encoding lists identity')
  if (status !== 304) return
  for (const name of ['Content-Type', 'Content-Encoding', 'Content-Language', 'Content-Range'])
    if (headers.has(name)) report('http-304-no-extra-metadata', `a 304 has ${name}`)
}

const notInTrailers =
  /^(?:transfer-encoding|content-(?:length|encoding|type|range)|host|trailer|connection|cache-control|expires|age|date|location|retry-after|vary|www-authenticate|set-cookie|authorization|te)$/i
const neededEarly = /^(?:etag|last-modified)$/i

/** RFC 9110 section 6.5.1 */
function checkTrailers({ headers, trailers }: ResponseToCheck, report: Report): void {
  for (const [name] of trailers.fields) {
    if (notInTrailers.test(name))
      report('http-trailers-only-where-allowed', `${name} stands in the trailer section`)
    if (neededEarly.test(name) && !headers.has(name))
      report('http-trailers-not-essential', `${name} stands in the trailer section alone`)
  }
}

/** The name of the rule that content behind this answer breaks, besides that on framing. */
export function noContentRule({
  method,
  status,
}: Pick<ResponseToCheck, 'method' | 'status'>): string | undefined {
  if (method === 'HEAD') return 'http-head-no-content'
  if (status === 304) return 'http-304-no-content'
  return status === 204 ? 'http-204-no-content' : undefined
}
