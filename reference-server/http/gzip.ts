import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { ResponseMessage } from './response.ts'
import { tokens } from './requests.ts'

/** Whether Accept-Encoding allows gzip. Without the field, content is sent without a coding (RFC 9110 section 12.5.3). */
export function acceptsGzip(request: IncomingMessage): boolean {
  const weighted = tokens(request, 'accept-encoding').map((member) =>
    member.split(';').map((part) => part.trim()),
  )
  const [, weight = ''] = weighted.find(([coding]) => coding === 'gzip') ?? ['', 'q=0']
  return !/^q=0(?:\.0*)?$/.test(weight)
}

/** The entity tag with or without gzip: content in another coding is another representation (RFC 9110 section 8.8.3.3). */
export const codedTag = (etag: string, isGzip: boolean): string =>
  isGzip ? `${etag.slice(0, -1)}-gzip"` : etag

/** The response with its content in gzip; a response without content, or not a 200, is returned unchanged. */
export function inGzip(message: ResponseMessage): ResponseMessage {
  if (message.body === undefined || message.status !== 200) return message
  return {
    ...message,
    headers: { ...message.headers, 'Content-Encoding': 'gzip' },
    body: gzipSync(message.body),
  }
}
