import type { Watch } from '../../targets/request.ts'
import type { Address } from '../../targets/address.ts'
import { encodeRequest } from '../../wire/http1/encode-request.ts'
import type { Transcript } from '../../wire/transcript.ts'

/** The entries in the transcript of a case that are not bytes of its connections. */
export class Notes {
  readonly #transcript: Transcript

  constructor(transcript: Transcript) {
    this.#transcript = transcript
  }

  add(actor: string, text: string): void {
    this.#transcript.add(actor, 'note', text)
  }

  /** Notes what the target has told the kit otherwise than in the connections of the case. */
  addTold(actor: string, text: string): void {
    this.#transcript.add(actor, 'note', text, undefined, { act: 'told' })
  }

  /** Notes an action whose bytes the kit does not know, for example one of a stock client: it cannot be replayed. */
  addUnreplayable(actor: string, text: string): void {
    this.#transcript.add(actor, 'note', text, undefined, { act: 'aside' })
  }

  /** Records the auxiliary requests that the kit sends for `actor`, such as hooks, so that they can be replayed. */
  watch(actor: string): Watch {
    return (action) => {
      if (typeof action !== 'string')
        return this.#transcript.ask(
          actor,
          `${action.method} ${action.url.pathname}`,
          encodedRequest(action),
          action.url.origin,
        )
      this.addUnreplayable(actor, action)
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
