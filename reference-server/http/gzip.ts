import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Answer } from './response.ts'
import { tokens } from './requests.ts'

/** Whether a client that says so takes gzip; one that says nothing gets the content as it is (RFC 9110 section 12.5.3). */
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

/** The answer with its content in gzip. What has no content stays as it is. */
export function inGzip(answer: Answer): Answer {
  if (answer.body === undefined || answer.status !== 200) return answer
  return {
    ...answer,
    headers: { ...answer.headers, 'Content-Encoding': 'gzip' },
    body: gzipSync(answer.body),
  }
}
