import { setTimeout as pause } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import { callHook } from '../../targets/hooks/publish.ts'
import { describeResponse, unableIfRateLimited } from '../language/expectations.ts'
import { buildRequest, sendRequest, unableUnlessConnected } from '../language/request.ts'
import { closed } from '../language/arguments.ts'
import { met, metAndFinished, type Outcome, unable } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import type { Play } from '../stage/play.ts'
import { expectUpdate } from './expected-updates.ts'

/** The time between two pieces, in milliseconds: the target has read one before the next one is sent. */
const pauseMs = 10

const isAscii = (byte: number): boolean => byte < 0x80

/** The content, cut after each byte that is not ASCII; in the middle if there is none. */
export function piecesOf(content: Uint8Array): Uint8Array[] {
  if (content.every(isAscii)) {
    const middle = Math.ceil(content.length / 2)
    return [content.subarray(0, middle), content.subarray(middle)].filter(({ length }) => length > 0)
  }
  const pieces: Uint8Array[] = []
  let from = 0
  for (const [at, byte] of content.entries()) {
    if (isAscii(byte) && at < content.length - 1) continue
    pieces.push(content.subarray(from, at + 1))
    from = at + 1
  }
  return pieces
}

const asChunk = (bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])

type Framing = 'length' | 'chunks'

const publishInPiecesVerb = verb({
  name: 'publish-in-pieces',
  about:
    'Makes the target publish an update, and sends the content of the request in pieces that end within characters. With `chunks`, each piece is a chunk; a target that requires a length may refuse that with 411, which ends the case.',
  expects: false,
  schema: Type.Object(
    {
      data: Type.String(),
      framing: Type.Union([Type.Literal('length'), Type.Literal('chunks')], {
        description: 'How the content is framed: with a Content-Length, or in chunks',
      }),
    },
    closed,
  ),
  run: async ({ data, framing }, play) => {
    const hook = play.target.description.publish
    if (hook === undefined || !('request' in hook)) return unable('updates are not published by a request')
    const outcomes: Outcome[] = []
    const connected = await unableUnlessConnected(async () => {
      outcomes.push(await publishInPieces(play, data, framing))
    })
    const [outcome = connected] = outcomes
    if (outcome.kind !== 'met' || outcome.finished) return outcome
    for (const also of hook.also ?? [])
      await callHook(play.target, 'publish', also, scopeOf(play, data), play.bounds.within('10s'))
    return met
  },
  draw: () => [{ actor: 'publisher', towards: 'target', text: 'publish, in pieces' }],
})

const scopeOf = (play: Play, data: string) => play.identity.scope({ data, type: '', id: '' })

async function publishInPieces(play: Play, data: string, framing: Framing): Promise<Outcome> {
  const address = play.target.address('publish', await play.openSession('publish', scopeOf(play, data)))
  const content = Buffer.from(address.body ?? '')
  const pieces = piecesOf(content)
  const request = buildRequest(address, { ...(framing === 'chunks' ? { chunks: 1 } : {}), withhold: true })
  play.publications.add(data)
  expectUpdate(play, play.identity.channel, data)
  const exchange = await sendRequest(play, 'publisher', address, request, {})
  for (const piece of pieces) {
    await pause(pauseMs)
    await exchange.write(framing === 'chunks' ? asChunk(piece) : piece, `${piece.length} bytes of content`)
  }
  if (framing === 'chunks') await exchange.write(Buffer.from('0\r\n\r\n'), 'the last chunk')
  await exchange.completed(play.bounds.within('10s'))
  const { head, completion } = exchange
  if (framing === 'chunks' && head?.status === 411) return metAndFinished
  if (head !== undefined && head.status >= 200 && head.status <= 299) return met
  return (
    unableIfRateLimited(head) ??
    unable(`publishing in pieces got ${describeResponse(head, completion)}`, {
      retryMayHelp: head === undefined,
    })
  )
}

export const publishInPiecesVerbs = [publishInPiecesVerb]
