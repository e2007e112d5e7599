import { createInterface, type Interface } from 'node:readline/promises'
import { Writable } from 'node:stream'

import type { TargetDescription } from '../../targets/description/schema.ts'
import type { Io } from '../io.ts'

type Publish = NonNullable<TargetDescription['publish']>

/** How often a question is asked whose answer cannot be used. */
const mostTries = 3

/** Whether somebody sits there who can be asked. */
export const isInteractive = ({ stdin, stdout }: Io): boolean =>
  stdin?.isTTY === true && stdout.isTTY === true

/** Asks the user; only where `isInteractive`. An empty answer, or the end of the input, means no answer. */
export class Questions {
  readonly #lines: Interface
  readonly #signal: AbortSignal
  readonly #ended = new AbortController()

  constructor({ stdin, stdout }: Io, signal: AbortSignal) {
    if (stdin === undefined) throw new TypeError('there is nobody who could be asked')
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        stdout.write(String(chunk))
        done()
      },
    })
    // Not as a terminal: then the terminal itself edits the line, and Ctrl-C is the signal that it always is.
    this.#lines = createInterface({ input: stdin, output, terminal: false })
    this.#lines.once('close', () => this.#ended.abort())
    this.#signal = signal
  }

  /** A path of the server of `url` at which there is something; empty for none. */
  async path(url: string): Promise<string> {
    for (let tries = 0; tries < mostTries; tries++) {
      const path = await this.#ask(
        '  At which path is the event stream, the WebSocket or the poll? (empty: leave it)\n  > ',
      )
      if (path === '' || (URL.canParse(path, url) && new URL(path, url).host === new URL(url).host))
        return path
    }
    return ''
  }

  /** The request that publishes an update; undefined if there is none. */
  async publish(): Promise<Publish | undefined> {
    for (let tries = 0; tries < mostTries; tries++) {
      const answer = await this.#ask(
        '  Which request publishes an update? Such as: POST /publish/${channel} (empty: say it later)\n  > ',
      )
      if (answer === '') return undefined
      const [, method = 'POST', path = ''] = /^(?:([a-z]+) +)?(\/\S*|https?:\/\/\S+)$/i.exec(answer) ?? []
      if (path === '') continue
      const body = await this.#ask('  And its body? (empty: ${data}, the text of the update alone)\n  > ')
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
