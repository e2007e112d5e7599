import type { Watch } from '../../targets/request.ts'
import type { Address } from '../../targets/address.ts'
import { encodeRequest } from '../../wire/http1/encode-request.ts'
import type { Transcript } from '../../wire/transcript.ts'

/** What stands in the transcript of a case beside the bytes of its connections. */
export class Notes {
  readonly #transcript: Transcript

  constructor(transcript: Transcript) {
    this.#transcript = transcript
  }

  add(actor: string, text: string): void {
    this.#transcript.add(actor, 'note', text)
  }

  /** Something that was done without bytes of the kit's own, such as by a stock client: it cannot be replayed. */
  addAside(actor: string, text: string): void {
    this.#transcript.add(actor, 'note', text, undefined, { act: 'aside' })
  }

  /** Records the requests that the kit makes in the name of `actor` beside those that are judged, so that they can be replayed. */
  watch(actor: string): Watch {
    return (deed) => {
      if (typeof deed !== 'string')
        return this.#transcript.ask(
          actor,
          `${deed.method} ${deed.url.pathname}`,
          encodedRequest(deed),
          deed.url.origin,
        )
      this.addAside(actor, deed)
      return (outcome) => this.add(actor, outcome)
    }
  }
}

/** The bytes of a request that the stock client sends; the client may add fields. */
function encodedRequest({ url, method, headers, body }: Address): Uint8Array {
  const content = body === undefined ? undefined : Buffer.from(body)
  const length = content === undefined ? [] : [['Content-Length', String(content.length)] as const]
  return encodeRequest({
    method,
    target: url.pathname + url.search,
    headers: [['Host', url.host], ...headers, ...length, ['Connection', 'close']],
    ...(content === undefined ? {} : { body: content }),
  })
}
