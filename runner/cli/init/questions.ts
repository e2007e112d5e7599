import { createInterface, type Interface } from 'node:readline/promises'
import { Writable } from 'node:stream'

import type { TargetDescription } from '../../targets/description/schema.ts'
import type { Io } from '../io.ts'

type Publish = NonNullable<TargetDescription['publish']>

/** How often a question is repeated after an invalid answer. */
const maxAttempts = 3

/** Whether stdin and stdout are terminals. */
export const isInteractive = ({ stdin, stdout }: Io): boolean =>
  stdin?.isTTY === true && stdout.isTTY === true

/** Asks the user; requires `isInteractive`. An empty line or the end of the input means no answer. */
export class Questions {
  readonly #lines: Interface
  readonly #signal: AbortSignal
  readonly #ended = new AbortController()

  constructor({ stdin, stdout }: Io, signal: AbortSignal) {
    if (stdin === undefined) throw new TypeError('questions need stdin')
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        stdout.write(String(chunk))
        done()
      },
    })
    // Without `terminal` the terminal itself edits the line, and Ctrl-C stays a signal.
    this.#lines = createInterface({ input: stdin, output, terminal: false })
    this.#lines.once('close', () => this.#ended.abort())
    this.#signal = signal
  }

  /** The path of an endpoint on the server of `url`; empty for none. */
  async path(url: string): Promise<string> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const path = await this.#ask(
        '  What is the path of the event stream, the WebSocket or the polling endpoint? (empty: none)\n  > ',
      )
      if (path === '' || (URL.canParse(path, url) && new URL(path, url).host === new URL(url).host))
        return path
    }
    return ''
  }

  /** The request that publishes an update; undefined for none. */
  async publish(): Promise<Publish | undefined> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const answer = await this.#ask(
        '  Which request publishes an update? For example: POST /publish/${channel} (empty: none)\n  > ',
      )
      if (answer === '') return undefined
      const [, method = 'POST', path = ''] = /^(?:([a-z]+) +)?(\/\S*|https?:\/\/\S+)$/i.exec(answer) ?? []
      if (path === '') continue
      const body = await this.#ask('  What is its body? (empty: ${data}, the text of the update)\n  > ')
      const isJson = /^[[{]/.test(body)
      const request = { method: method.toUpperCase(), path, body: body === '' ? '${data}' : body }
      return { request: isJson ? { ...request, headers: { 'content-type': 'application/json' } } : request }
    }
    return undefined
  }

  close(): void {
    this.#lines.close()
  }

  async #ask(text: string): Promise<string> {
    if (this.#ended.signal.aborted) return ''
    const signal = AbortSignal.any([this.#signal, this.#ended.signal])
    try {
      return (await this.#lines.question(text, { signal })).trim()
    } catch (error) {
      if (this.#ended.signal.aborted && !this.#signal.aborted) return ''
      throw error
    }
  }
}
