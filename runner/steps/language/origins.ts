import type { EndpointKind } from '../../targets/address.ts'
import type { HeaderList } from '../../wire/headers.ts'
import type { Play } from '../stage/play.ts'
import { type Outcome, unmet } from './outcome.ts'

/** An origin that nobody knows. */
export const stranger = 'https://pushspec.example'

/** The origin whose pages may use an endpoint; where any may, one that nobody knows. */
export const originOf = ({ target: { description } }: Play, kind: EndpointKind = 'http'): string => {
  const { cors } = kind === 'sse' && description.sse?.cors !== undefined ? description.sse : description
  return cors?.origin ?? stranger
}

export const shownField = (headers: HeaderList, field: string): string =>
  headers.has(field) ? `${field}: ${headers.get(field)}` : `no ${field} field`

/** Whether a page of `origin` may read an answer (Fetch, CORS check). */
export function originMismatch(headers: HeaderList, origin: string): Outcome | undefined {
  const field = 'Access-Control-Allow-Origin'
  const allowed = headers.get(field)
  if (allowed === '*' || allowed === origin) return undefined
  return unmet(`${field}: * or ${origin}`, shownField(headers, field))
}
