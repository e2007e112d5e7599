import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { HttpResponse } from './response.ts'
import { tokens } from './requests.ts'

/** Whether the request lists gzip in Accept-Encoding with a weight above 0 (RFC 9110 section 12.5.3). */
export function acceptsGzip(request: IncomingMessage): boolean {
  const weighted = tokens(request, 'accept-encoding').map((member) =>
    member.split(';').map((part) => part.trim()),
  )
  const [, weight = ''] = weighted.find(([coding]) => coding === 'gzip') ?? ['', 'q=0']
  return !/^q=0(?:\.0*)?$/.test(weight)
}

/** The entity tag of the content in gzip: another coding is another representation (RFC 9110 section 8.8.3.3). */
export const codedTag = (etag: string, isGzip: boolean): string =>
  isGzip ? `${etag.slice(0, -1)}-gzip"` : etag

/** The response with its content in gzip; unchanged if it has no content. */
export function inGzip(response: HttpResponse): HttpResponse {
  if (response.body === undefined || response.status !== 200) return response
  return {
    ...response,
    headers: { ...response.headers, 'Content-Encoding': 'gzip' },
    body: gzipSync(response.body),
  }
}
