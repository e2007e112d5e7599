import type { IncomingMessage } from 'node:http'
import type { ResponseMessage } from './response.ts'

/** When a representation last changed. `exact` is false if it changed twice in that second. */
export interface Modification {
  readonly at: Date
  readonly exact: boolean
}

/** The validators of a representation (RFC 9110 section 8.8). */
export interface Validators {
  /** A strong entity tag, with its quotes. */
  readonly etag: string
  readonly modification?: Modification | undefined
}

/** The header fields that carry the validators. */
export function validatorFields({ etag, modification }: Validators): Record<string, string> {
  return { ETag: etag, ...(modification && { 'Last-Modified': modification.at.toUTCString() }) }
}

/**
 * The 412 or 304 response that the preconditions of a GET or HEAD require, in the order of RFC 9110 section 13.2.2;
 * undefined if the full response is sent. `fields` are the header fields of this response (section 15.4.5).
 */
export function preconditionResponse(
  request: IncomingMessage,
  validators: Validators,
  fields: Readonly<Record<string, string>>,
): ResponseMessage | undefined {
  if (fails(request, validators)) return { status: 412, headers: fields }
  if (isNotModified(request, validators)) return { status: 304, headers: fields }
  return undefined
}

/** Whether If-Match fails with the strong comparison; without it, If-Unmodified-Since decides (sections 13.1.1 and 13.1.4). */
function fails({ headers }: IncomingMessage, { etag, modification }: Validators): boolean {
  const match = headers['if-match']
  if (match !== undefined) return match.trim() !== '*' && !entityTags(match).includes(etag)
  const unmodifiedSince = parseHttpDate(headers['if-unmodified-since'])
  if (unmodifiedSince === undefined || modification === undefined) return false
  return modification.at > unmodifiedSince
}

/** Whether If-None-Match matches with the weak comparison; without it, If-Modified-Since decides (sections 13.1.2 and 13.1.3). */
function isNotModified({ headers }: IncomingMessage, { etag, modification }: Validators): boolean {
  const noneMatch = headers['if-none-match']
  if (noneMatch !== undefined) {
    return noneMatch.trim() === '*' || entityTags(noneMatch).some((tag) => tag.replace(/^W\//, '') === etag)
  }
  const modifiedSince = parseHttpDate(headers['if-modified-since'])
  if (modifiedSince === undefined || modification === undefined) return false
  // A date cannot distinguish two changes in one second; only the entity tag can (section 8.8.2.2).
  return modification.exact && modification.at <= modifiedSince
}

/** Entity tags may contain commas, so the list is not split at commas (section 8.8.3). */
function entityTags(list: string): string[] {
  return list.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? []
}

const imfFixdate = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/
const rfc850 = /^[A-Z][a-z]{5,8}, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}:\d{2}:\d{2}) GMT$/
const asctime = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}:\d{2}:\d{2}) (\d{4})$/

/** Parses the three formats of an HTTP date (RFC 9110 section 5.6.7); undefined for any other text, which is ignored. */
export function parseHttpDate(value: string | undefined): Date | undefined {
  if (value === undefined) return undefined
  const [, day, month, year, time] = imfFixdate.exec(value) ?? rfc850.exec(value) ?? fromAsctime(value)
  if (day === undefined || month === undefined || year === undefined || time === undefined) return undefined
  const date = new Date(`${day.trim()} ${month} ${wholeYear(year)} ${time} GMT`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function fromAsctime(value: string): readonly (string | undefined)[] {
  const [all, month, day, time, year] = asctime.exec(value) ?? []
  return [all, day, month, year, time]
}

/** A year of two digits is at most 50 years in the future (RFC 9110 section 5.6.7). */
function wholeYear(year: string): number {
  if (year.length === 4) return Number(year)
  const now = new Date().getUTCFullYear()
  const guess = now - (now % 100) + Number(year)
  return guess > now + 50 ? guess - 100 : guess
}
