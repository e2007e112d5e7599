import { showLatin1 } from '../bytes/bytes.ts'
import type { HeaderList } from '../headers.ts'
import { trimWhitespace } from './header-section.ts'
import type { Report } from '../finding.ts'

const singletonFields = ['Content-Type', 'Content-Length', 'ETag', 'Date', 'Location', 'Last-Modified']
const listFields = ['Vary', 'Cache-Control', 'Allow', 'Connection']
const dateFields = ['Date', 'Last-Modified', 'Expires']

/** RFC 9110 section 8.8.3 */
const entityTag = /^(?:W\/)?"[\u0021\u0023-\u007e\u0080-\u00ff]*"$/

/** RFC 9110 section 5.6.7 */
export const imfDate =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} [0-2]\d:[0-5]\d:[0-6]\d GMT$/

/** Checks the fields of any response (RFC 9110). */
export function checkResponseFields(headers: HeaderList, report: Report): void {
  for (const name of singletonFields) checkOnce(name, headers, report)
  for (const value of headers.all('ETag')) {
    if (!entityTag.test(value))
      report('http-etag-syntax', `ETag is not a quoted entity tag: ${showLatin1(value)}`)
  }
  for (const name of dateFields) checkDate(name, headers, report)
  for (const name of listFields) checkList(name, headers, report)
}

/** Checks for framing fields that a response must not have (RFC 9112 sections 6.1 and 6.2, RFC 9110 section 8.6). */
export function checkFramingFields(
  { status, headers }: { readonly status: number; readonly headers: HeaderList },
  requestVersion: string,
  report: Report,
): void {
  const hasLength = headers.has('content-length')
  if (hasLength && !mayHaveContent(status))
    report('http-no-length-on-1xx-204', `a ${status} has a Content-Length`)
  if (!headers.has('transfer-encoding')) return
  if (!mayHaveContent(status)) report('http-te-not-on-1xx-204', `a ${status} has a Transfer-Encoding`)
  if (hasLength)
    report('http-no-cl-with-te-sent', 'the response has both Content-Length and Transfer-Encoding')
  if (isBefore11(requestVersion))
    report('http-te-only-to-11', `the response to a request with ${requestVersion} has a Transfer-Encoding`)
  const chunked = transferCodings(headers).filter((coding) => coding === 'chunked')
  if (chunked.length > 1) report('http-chunked-once', `chunked is applied ${chunked.length} times`)
}

/** The names of the transfer codings, in the order in which they were applied. */
export function transferCodings(headers: HeaderList): string[] {
  return headers
    .list('transfer-encoding')
    .map((coding) => trimWhitespace(coding.split(';')[0] ?? '').toLowerCase())
}

function mayHaveContent(status: number): boolean {
  return status >= 200 && status !== 204
}

function isBefore11(version: string): boolean {
  return /(?:^|\/)(?:0\.\d|1\.0)$/.test(version)
}

function checkOnce(name: string, headers: HeaderList, report: Report): void {
  const { length } = headers.all(name)
  if (length > 1) report('http-no-duplicate-singletons', `${name} is in ${length} field lines`)
}

function checkDate(name: string, headers: HeaderList, report: Report): void {
  for (const value of headers.all(name)) {
    // RFC 9111 section 5.3: `Expires: 0` means already stale.
    const isNumber = name === 'Expires' && /^-?\d+$/.test(value)
    if (!isNumber && !imfDate.test(value))
      report(
        'http-date-imf',
        `${name} is not a date like "Sun, 06 Nov 1994 08:49:37 GMT": ${showLatin1(value)}`,
      )
  }
}

function checkList(name: string, headers: HeaderList, report: Report): void {
  for (const value of headers.all(name)) {
    const parts = members(value)
    if (parts.length > 1 && parts.includes(''))
      report('http-no-empty-list-elements-sent', `${name} has an empty member: ${showLatin1(value)}`)
  }
}

/** Splits a list at its commas, except inside quoted strings (RFC 9110 section 5.6.4). */
function members(value: string): string[] {
  const found: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at]
    if (character === '"') isQuoted = !isQuoted
    else if (character === '\\' && isQuoted) at += 1
    else if (character === ',' && !isQuoted) {
      found.push(trimWhitespace(value.slice(start, at)))
      start = at + 1
    }
  }
  return [...found, trimWhitespace(value.slice(start))]
}
