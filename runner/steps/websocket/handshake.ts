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
    to: Type.Optional(
      Type.Union([Type.Literal('websocket'), Type.Literal('updates')], {
        description: 'The endpoint: `websocket` (the default), or the one that delivers updates',
      }),
    ),
    subprotocols: Type.Optional(
      Type.Array(Type.String(), {
        description: 'The offered subprotocols; [] offers none (default: those of the target description)',
      }),
    ),
    extensions: Type.Optional(
      Type.String({ description: 'The value of the Sec-WebSocket-Extensions field' }),
    ),
    on: Type.Optional(
      Type.String({ description: 'The earlier request or handshake whose connection is used again' }),
    ),
    origin: Type.Optional(
      Type.String({
        description:
          'The Origin field: `allowed` stands for an origin that the target description allows, `foreign` for one of another site, `look-alike` for one that begins like an allowed one; any other text is sent as it is',
      }),
    ),
    early: Type.Optional(
      Type.Union(PayloadText.anyOf, { description: 'Bytes that are sent together with the handshake' }),
    ),
    key: Type.Optional(
      Type.String({
        description: 'The Sec-WebSocket-Key; `random` (the default) stands for 16 bytes in base64',
      }),
    ),
    'answers-pings': Type.Optional(
      Type.Boolean({ description: 'Whether the kit responds to pings (default: true)' }),
    ),
    ...requestOverrides,
  },
  closed,
)
type HandshakeArgs = Static<typeof handshakeSchema>

/** Sends the opening handshake of RFC 6455 section 4.1, with the changes of the case. */
async function sendHandshake(play: Play, args: HandshakeArgs): Promise<void> {
  const name = args.as ?? 'client'
  const kind = args.to ?? 'websocket'
  const session = await play.openSession(kind)
  const address = play.target.address(kind, play.identity.scope(session))
  const key = args.key === undefined || args.key === 'random' ? newKey(play.identity.nextMask()) : args.key
  const connection =
    args.on === undefined
      ? await play.connections.connect(name, address.url)
      : play.actors.exchange(args.on).connection
  const offer = args.subprotocols ?? play.target.offer(kind)
  const fields = handshakeFields({ ...args, subprotocols: offer }, key)
  const request = buildRequest(address, withOrigin(args, play, address.url), fields)
  const early = args.early === undefined ? undefined : encodePayload(args.early)
  const bytes = early === undefined ? request.bytes : join([request.bytes, early])
  const exchange = connection.request(bytes, { ...request, chop: chopSize(args.write) })
  const peer = new WebSocketPeer(exchange, {
    limits: play.limits,
    onFinding: play.onFinding,
    mask: () => play.identity.nextMask(),
    note: (what) => play.notes.add(name, what),
    answersPings: args['answers-pings'] ?? true,
    early,
  })
  exchange.onHead = (head) => applyResponse(play, peer, head, request.headers)
  play.actors.add(new Peer(name, peer))
}

/** Adds the Origin field. Foreign origins are below .invalid, which no site can use (RFC 6761 section 6.4). */
function withOrigin(args: HandshakeArgs, play: Play, url: URL): HandshakeArgs {
  if (args.origin === undefined) return args
  const { origins } = play.target.description.websocket ?? {}
  const [first] = Array.isArray(origins) ? origins : []
  const allowed = first ?? `${url.protocol.replace('ws', 'http')}//${url.host}`
  const namedOrigins: Readonly<Record<string, string>> = {
    allowed,
    foreign: 'https://pushspec-foreign.invalid',
    'look-alike': `${allowed.replace(/:\d+$/, '')}.pushspec-foreign.invalid`,
  }
  return { ...args, headers: { ...args.headers, Origin: namedOrigins[args.origin] ?? args.origin } }
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

/** The words of an offer that breaks the grammar: a target may accept each of them as an offered extension. */
const wordsOfMalformed = (offer: string): readonly string[] =>
  parseExtensions(offer) === undefined ? (offer.match(/[\w-]+/g) ?? []) : []

/** Checks a 101 response, reports its findings, and enables permessage-deflate if it was agreed. */
function applyResponse(play: Play, peer: WebSocketPeer, head: ResponseHead, sent: HeaderList): void {
  if (head.status !== 101) return
  const offer = sent.get('sec-websocket-extensions') ?? ''
  const offered = parseExtensions(offer) ?? []
  const findings = checkHandshakeResponse(head, {
    key: sent.get('sec-websocket-key') ?? '',
    offeredSubprotocols: sent.list('sec-websocket-protocol'),
    offeredExtensions: [...offered.map(({ name }) => name), ...wordsOfMalformed(offer)],
  })
  const agreed = parseExtensions(head.headers.get('sec-websocket-extensions') ?? '') ?? []
  for (const finding of [...findings, ...checkDeflateResponse(agreed, offered)]) play.onFinding(finding)
  const deflate = agreed.find(({ name }) => name === 'permessage-deflate')
  if (deflate) peer.useDeflate(agreedDeflate(deflate.params))
}

const handshakeVerb = verb({
  name: 'handshake',
  about: 'Sends an opening handshake, correct or not, and does not wait for the response.',
  expects: false,
  schema: handshakeSchema,
  run: (args, play) => unableUnlessConnected(() => sendHandshake(play, args)),
  draw: ({ as = 'client' }) => [{ actor: as, towards: 'target', text: 'opening handshake' }],
})

const connectVerb = verb({
  name: 'connect',
  about: 'Opens a WebSocket connection and waits until it is open.',
  expects: false,
  schema: Type.Object(
    {
      ...handshakeSchema.properties,
      via: Type.Optional(Type.Literal('ws', { description: 'Uses the stock client' })),
      deflate: Type.Optional(Type.Boolean({ description: 'Offers permessage-deflate' })),
    },
    closed,
  ),
  run: async (args, play) => {
    const { via, deflate, ...handshake } = args
    if (via === 'ws') return connectStockClient(play, handshake, deflate ?? false)
    const extensions = handshake.extensions ?? (deflate ? 'permessage-deflate' : undefined)
    const sent = await unableUnlessConnected(() =>
      sendHandshake(play, { ...handshake, ...(extensions === undefined ? {} : { extensions }) }),
    )
    if (sent.kind !== 'met') return sent
    const exchange = play.actors.exchange(args.as ?? 'client')
    if (!(await exchange.headed(play.bounds.within())))
      return unable('no response to the opening handshake in time')
    const { hangsUp } = play.target
    if (exchange.head?.status === 101) return hangsUp === undefined ? met : unable(hangsUp)
    return (
      unableIfRateLimited(exchange.head) ??
      unable(`the opening handshake got ${describeResponse(exchange.head, exchange.completion)}, not 101`)
    )
  },
  draw: ({ as = 'client' }) => [
    { actor: as, towards: 'target', text: 'opening handshake' },
    { actor: as, towards: 'kit', text: '101' },
  ],
})

async function connectStockClient(play: Play, args: HandshakeArgs, deflate: boolean): Promise<Outcome> {
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
    : unable(`the stock client could not connect: ${socket.failure ?? 'no response in time'}`)
}

export { connectVerb, handshakeFields }
export const handshakeVerbs = [handshakeVerb, connectVerb]
