import type { Exchange } from './exchange.ts'
import { contentOf } from '../http/requests.ts'
import { type ResponseMessage, Refusal } from '../http/response.ts'

/**
 * `POST /publish/{channel}?type=…&id=…`: the content, read as UTF-8 whatever its media type, becomes one
 * update. The response is a 204, because no resource with a URL was created.
 */
export async function publish(exchange: Exchange): Promise<ResponseMessage> {
  const { request, response, url, channel, store, options } = exchange
  const type = oneLine(url, 'type')
  const id = oneLine(url, 'id')
  refuseContentCoding(exchange)
  if (expectsContinue(exchange) && declaredLength(exchange) <= options.maxUpdateBytes)
    response.writeContinue()
  const content = await contentOf(request, options.maxUpdateBytes)
  store.publish(channel, { data: content.toString('utf8'), type, id })
  return { status: 204 }
}

/** With line ends a publisher could write fields of an event stream, and an id with NUL is ignored (WHATWG HTML 9.2.6). */
function oneLine(url: URL, name: string): string | undefined {
  const value = url.searchParams.get(name) || undefined
  if (value !== undefined && /[\r\n\0]/.test(value)) {
    throw new Refusal(400, `"${name}" must not contain a line end or NUL.`)
  }
  return value
}

/** RFC 9110 section 8.4: content in an unknown coding is refused, and the response names the supported ones. */
function refuseContentCoding({ request }: Exchange): void {
  const coding = request.headers['content-encoding'] ?? 'identity'
  if (coding.trim().toLowerCase() !== 'identity') {
    throw new Refusal(415, 'Only content without a content coding is accepted.', {
      'Accept-Encoding': 'identity',
    })
  }
}

/** RFC 9110 section 10.1.1: an expectation in HTTP/1.0 is ignored. */
function expectsContinue({ request }: Exchange): boolean {
  return request.headers.expect !== undefined && request.httpVersion !== '1.0'
}

function declaredLength({ request }: Exchange): number {
  return Number(request.headers['content-length'] ?? 0)
}
