import { type Static, Type } from '@sinclair/typebox'
import type { Address } from '../../targets/address.ts'
import { join } from '../../wire/bytes/bytes.ts'
import { agreedDeflate, checkDeflateResponse } from '../../wire/websocket/deflate-negotiation.ts'
import { parseExtensions } from '../../wire/websocket/extensions.ts'
import { checkHandshakeResponse, newKey } from '../../wire/websocket/handshake.ts'
import type { HeaderList } from '../../wire/headers.ts'
import type { ResponseHead } from '../../wire/exchange.ts'
import { WebSocketPeer } from '../../wire/websocket/peer.ts'
import { describeResponse, unableIfRateLimited } from '../language/expectations.ts'
import type { Play } from '../stage/play.ts'
import { buildRequest, chopSize, requestOverrides, unableUnlessConnected } from '../language/request.ts'
import { Peer } from './peer.ts'
import { StockWebSocket } from './stock-client.ts'
import { ActorName, closed, PayloadText } from '../language/arguments.ts'
import { met, type Outcome, unable } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { encodePayload } from '../../wire/bytes/payload.ts'

const handshakeSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    to: Type.Optional(Type.Union([Type.Literal('websocket'), Type.Literal('updates')])),
    subprotocols: Type.Optional(
      Type.Array(Type.String(), {
        description: 'The offer; [] for none (default: the subprotocols of the target description)',
      }),
    ),
    extensions: Type.Optional(Type.String({ description: 'The Sec-WebSocket-Extensions field' })),
    on: Type.Optional(
      Type.String({ description: 'The request, or the handshake, whose connection is used again' }),
    ),
    origin: Type.Optional(
      Type.String({
        description:
          'The Origin field: `allowed` is one that the target description allows, `foreign` one of another site, `look-alike` one that begins like an allowed one; else as it is written',
      }),
    ),
    early: Type.Optional(PayloadText),
    key: Type.Optional(
      Type.String({ description: 'The Sec-WebSocket-Key; `random` (the default) is 16 bytes in base64' }),
    ),
    'answers-pings': Type.Optional(Type.Boolean()),
    ...requestOverrides,
  },
  closed,
)
type HandshakeArgs = Static<typeof handshakeSchema>

/** Sends the opening handshake of RFC 6455 section 4.1, with what the case changes of it. */
async function sendHandshake(play: Play, args: HandshakeArgs): Promise<void> {
  const name = args.as ?? 'client'
  const kind = args.to ?? 'websocket'
  const session = await play.openSession(kind)
  const address = play.target.address(kind, play.identity.scope(session))
  const key = args.key === undefined || args.key === 'random' ? newKey(play.identity.nextMask()) : args.key
  const http =
    args.on === undefined
      ? await play.connections.connect(name, address.url)
      : play.actors.exchange(args.on).connection
  const offer = args.subprotocols ?? play.target.offer(kind)
  const fields = handshakeFields({ ...args, subprotocols: offer }, key)
  const request = buildRequest(address, withOrigin(args, play, address.url), fields)
  const bytes = args.early === undefined ? request.bytes : join([request.bytes, encodePayload(args.early)])
  const exchange = http.request(bytes, { ...request, chop: chopSize(args.write) })
  const peer = new WebSocketPeer(exchange, {
    limits: play.limits,
    onFinding: play.onFinding,
    mask: () => play.identity.nextMask(),
    note: (what) => play.notes.add(name, what),
    answersPings: args['answers-pings'] ?? true,
    hasSentEarly: args.early !== undefined,
  })
  exchange.onHead = (head) => agree(play, peer, head, request.headers)
  play.actors.add(new Peer(name, peer))
}

/** An origin of the description's, or one that it cannot have meant (RFC 6761 section 6.4: nobody owns .invalid). */
function withOrigin(args: HandshakeArgs, play: Play, url: URL): HandshakeArgs {
  if (args.origin === undefined) return args
  const { origins } = play.target.description.websocket ?? {}
  const [first] = Array.isArray(origins) ? origins : []
  const allowed = first ?? `${url.protocol.replace('ws', 'http')}//${url.host}`
  const named: Readonly<Record<string, string>> = {
    allowed,
    foreign: 'https://pushspec-foreign.invalid',
    'look-alike': `${allowed.replace(/:\d+$/, '')}.pushspec-foreign.invalid`,
  }
  return { ...args, headers: { ...args.headers, Origin: named[args.origin] ?? args.origin } }
}

const handshakeFields = (
  { subprotocols = [], extensions }: { subprotocols?: readonly string[]; extensions?: string },
  key: string,
): (readonly [string, string])[] => [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', key],
  ['Sec-WebSocket-Version', '13'],
  ...(subprotocols.length === 0 ? [] : [['Sec-WebSocket-Protocol', subprotocols.join(', ')] as const]),
  ...(extensions === undefined ? [] : [['Sec-WebSocket-Extensions', extensions] as const]),
]

/** What an offer names that breaks the grammar: whoever takes it all the same has not invented an extension. */
const wordsOfBroken = (offer: string): readonly string[] =>
  parseExtensions(offer) === undefined ? (offer.match(/[\w-]+/g) ?? []) : []

/** What both sides have agreed on in a 101; every rule of the answer that is broken is a finding. */
function agree(play: Play, peer: WebSocketPeer, head: ResponseHead, sent: HeaderList): void {
  if (head.status !== 101) return
  const asked = sent.get('sec-websocket-extensions') ?? ''
  const offered = parseExtensions(asked) ?? []
  const findings = checkHandshakeResponse(head, {
    key: sent.get('sec-websocket-key') ?? '',
    offeredSubprotocols: sent.list('sec-websocket-protocol'),
    offeredExtensions: [...offered.map(({ name }) => name), ...wordsOfBroken(asked)],
  })
  const agreed = parseExtensions(head.headers.get('sec-websocket-extensions') ?? '') ?? []
  for (const finding of [...findings, ...checkDeflateResponse(agreed, offered)]) play.onFinding(finding)
  const deflate = agreed.find(({ name }) => name === 'permessage-deflate')
  if (deflate) peer.useDeflate(agreedDeflate(deflate.params))
}

const handshakeVerb = verb({
  name: 'handshake',
  about: 'Sends an opening handshake, right or wrong, and does not wait for the answer.',
  expects: false,
  schema: handshakeSchema,
  run: (args, play) => unableUnlessConnected(() => sendHandshake(play, args)),
  draw: ({ as = 'client' }) => [{ actor: as, towards: 'target', text: 'opening handshake' }],
})

const connectVerb = verb({
  name: 'connect',
  about: 'Opens a WebSocket connection; the case goes on once it is open.',
  expects: false,
  schema: Type.Object(
    {
      ...handshakeSchema.properties,
      via: Type.Optional(Type.Literal('ws', { description: 'The stock client' })),
      deflate: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
  run: async (args, play) => {
    const { via, deflate, ...handshake } = args
    if (via === 'ws') return connectStock(play, handshake, deflate ?? false)
    const extensions = handshake.extensions ?? (deflate ? 'permessage-deflate' : undefined)
    const sent = await unableUnlessConnected(() =>
      sendHandshake(play, { ...handshake, ...(extensions === undefined ? {} : { extensions }) }),
    )
    if (sent.kind !== 'met') return sent
    const exchange = play.actors.exchange(args.as ?? 'client')
    if (!(await exchange.headed(play.bounds.within())))
      return unable('no answer to the opening handshake in time')
    const { hangsUp } = play.target
    if (exchange.head?.status === 101) return hangsUp === undefined ? met : unable(hangsUp)
    return (
      unableIfRateLimited(exchange.head) ??
      unable(`the opening handshake needs 101, got ${describeResponse(exchange.head, exchange.completion)}`)
    )
  },
  draw: ({ as = 'client' }) => [
    { actor: as, towards: 'target', text: 'opening handshake' },
    { actor: as, towards: 'kit', text: '101' },
  ],
})

async function connectStock(play: Play, args: HandshakeArgs, deflate: boolean): Promise<Outcome> {
  const name = args.as ?? 'client'
  const kind = args.to ?? 'websocket'
  const address: Address = play.target.address(kind, await play.openSession(kind))
  play.connections.count()
  const options = { subprotocols: args.subprotocols ?? play.target.offer(kind), deflate }
  const socket = new StockWebSocket(
    name,
    address,
    play.target,
    options,
    (what) => play.notes.addUnreplayable(name, what),
    () => play.transcript.now(),
  )
  play.cleanup.atEnd(() => socket.leave())
  play.actors.add(socket)
  return (await socket.opened(play.bounds.within()))
    ? met
    : unable(`the stock client got no connection: ${socket.refusal ?? 'no answer in time'}`)
}

export { connectVerb, handshakeFields }
export const handshakeVerbs = [handshakeVerb, connectVerb]
