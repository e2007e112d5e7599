import { request } from 'undici'
import { HeaderList } from '../wire/headers.ts'
import type { Answer } from './cursor.ts'
import type { Target } from './target.ts'
import type { Address } from './address.ts'

/**
 * Told of whatever the kit does on its own account, a request or something else in words, when it begins; gives what
 * is to be called when it is done.
 */
export type Watch = (deed: Address | string) => (outcome: string) => void

/** Bytes of an answer that the kit keeps when it asks on its own account. */
const mostBytes = 1024 * 1024

/**
 * Makes a request of the kit's own (a hook, a session, a look) and reads the answer, up to 1 MiB of it.
 * Redirections are not followed.
 * @throws whatever keeps an answer from coming; the reason of `signal` when that aborts.
 */
export async function ask(target: Target, address: Address, signal: AbortSignal): Promise<Answer> {
  const { status, headers, body } = await open(target, address, signal)
  const chunks: Uint8Array[] = []
  await readBody(chunks, body, mostBytes)
  return { status, headers, body: Buffer.concat(chunks).subarray(0, mostBytes).toString() }
}

/** An answer whose content is still to come. */
export interface OpenAnswer {
  readonly status: number
  readonly headers: HeaderList
  readonly body: AsyncIterable<Uint8Array> & { destroy(): unknown }
}

/** Like `ask`, but comes back when the header section is there. Its body must be read or destroyed. */
export async function open(target: Target, address: Address, signal: AbortSignal): Promise<OpenAnswer> {
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
  // When a request is abandoned later, its stream fails without anyone who waits for it.
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
 * Reads a body into `chunks`, until it ends or has `most` bytes; the rest is not waited for. When it fails, what came
 * before is in `chunks`.
 */
export async function readBody(chunks: Uint8Array[], body: OpenAnswer['body'], most: number): Promise<void> {
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= most) break
  }
  body.destroy()
}
