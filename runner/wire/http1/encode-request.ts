import { Buffer } from 'node:buffer'
import { join } from '../bytes/bytes.ts'

/** The whitespace around each field value (default: one space before it). */
export interface FieldBlanks {
  readonly before?: string
  readonly after?: string
}

export interface RequestToEncode {
  readonly method: string
  readonly target: string
  /** Default: `HTTP/1.1`. */
  readonly version?: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly blanks?: FieldBlanks
  readonly body?: Uint8Array
  /** How characters beyond ASCII are encoded (default: `utf8`). */
  readonly charset?: 'utf8' | 'latin1'
}

/** The bytes of a request. Nothing is checked and nothing is added. */
export function encodeRequest(request: RequestToEncode): Uint8Array {
  const { method, target, version = 'HTTP/1.1', headers, body, charset = 'utf8' } = request
  const { before = ' ', after = '' } = request.blanks ?? {}
  const fields = headers.map(([name, value]) => `${name}:${before}${value}${after}\r\n`).join('')
  const head = Buffer.from(`${method} ${target} ${version}\r\n${fields}\r\n`, charset)
  return join(body === undefined ? [head] : [head, body])
}
