import { request } from 'undici'
import { HeaderList } from '../wire/headers.ts'
import type { FullResponse } from './cursor.ts'
import type { Target } from './target.ts'
import type { Address } from './address.ts'

/**
 * Called when the kit begins something of its own: a request, or something else in words. The returned function is
 * called when it is done.
 */
export type Watch = (deed: Address | string) => (outcome: string) => void

/** Bytes of a response that the kit keeps of its own requests. */
const mostBytes = 1024 * 1024

/**
 * Makes a request of the kit's own (a hook, a session, detection) and reads up to 1 MiB of the response.
 * Redirections are not followed.
 * @throws the error that prevents a response; the reason of `signal` when that aborts.
 */
export async function sendOwnRequest(
  target: Target,
  address: Address,
  signal: AbortSignal,
): Promise<FullResponse> {
  const { status, headers, body } = await beginOwnRequest(target, address, signal)
  const chunks: Uint8Array[] = []
  await readBody(chunks, body, mostBytes)
  return { status, headers, body: Buffer.concat(chunks).subarray(0, mostBytes).toString() }
}

/** A response whose content is still to be read. */
export interface OpenResponse {
  readonly status: number
  readonly headers: HeaderList
  readonly body: AsyncIterable<Uint8Array> & { destroy(): unknown }
}

/** Like `sendOwnRequest`, but resolves with the header section. The body must be read or destroyed. */
export async function beginOwnRequest(
  target: Target,
  address: Address,
  signal: AbortSignal,
): Promise<OpenResponse> {
  const { url, method, headers, body } = address
  const response = await request(url, {
    method,
    headers: headers.flat(),
    body: body ?? null,
    signal,
    dispatcher: target.agent,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  // When the request is aborted later, its stream fails without a reader.
  response.body.on('error', () => undefined)
  return { status: response.statusCode, headers: listOf(response.headers), body: response.body }
}

function listOf(headers: Readonly<Record<string, string | string[] | undefined>>): HeaderList {
  const fields = Object.entries(headers).flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => [name, value] as const),
  )
  return new HeaderList(fields)
}

/**
 * Reads a body into `chunks` until it ends or has `most` bytes, and destroys it then. When it fails, `chunks` has the
 * bytes before the failure.
 */
export async function readBody(
  chunks: Uint8Array[],
  body: OpenResponse['body'],
  most: number,
): Promise<void> {
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= most) break
  }
  body.destroy()
}
