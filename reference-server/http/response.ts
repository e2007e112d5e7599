/** A response as a value: handlers return it, and `send-response.ts` sends it. */
export interface ResponseMessage {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Thrown while a request is checked or read, to send this response at once. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly response: ResponseMessage

  constructor(status: number, why: string, headers: Readonly<Record<string, string>> = {}) {
    super(why)
    this.response = text(status, why, headers)
  }
}

export function text(
  status: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): ResponseMessage {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body: `${line}\n` }
}

export function json(value: unknown, headers: Readonly<Record<string, string>> = {}): ResponseMessage {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(value),
  }
}
