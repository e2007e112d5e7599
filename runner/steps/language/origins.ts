import type { EndpointKind } from '../../targets/address.ts'
import type { HeaderList } from '../../wire/headers.ts'
import type { Play } from '../stage/play.ts'
import { type Outcome, unmet } from './outcome.ts'

/** An origin that no target can know. */
export const unknownOrigin = 'https://pushspec.example'

/** The origin that the target description allows for an endpoint; without one, an origin that the target cannot know. */
export const allowedOrigin = ({ target: { description } }: Play, kind: EndpointKind = 'http'): string => {
  const { cors } = kind === 'sse' && description.sse?.cors !== undefined ? description.sse : description
  return cors?.origin ?? unknownOrigin
}

export const describeField = (headers: HeaderList, field: string): string =>
  headers.has(field) ? `${field}: ${headers.get(field)}` : `no ${field} field`

/** Unmet unless a page of `origin` may read the response without credentials (Fetch, CORS check). */
export function originMismatch(headers: HeaderList, origin: string): Outcome | undefined {
  const field = 'Access-Control-Allow-Origin'
  const allowed = headers.get(field)
  if (allowed === '*' || allowed === origin) return undefined
  return unmet(`${field}: * or ${origin}`, describeField(headers, field))
}
