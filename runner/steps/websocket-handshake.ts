import { type Static, Type } from '@sinclair/typebox'
import { openSession } from '../target/session.ts'
import type { Address } from '../target/target.ts'
import { agreedDeflate, checkDeflateAnswer, parseExtensions } from '../wire/deflate.ts'
import { checkHandshakeResponse, newKey } from '../wire/handshake.ts'
import type { ResponseHead } from '../wire/http-connection.ts'
import { WebSocketPeer } from '../wire/websocket-peer.ts'
import {
  describeResponse,
  describeStatus,
  FieldExpectation,
  fieldMismatch,
  StatusExpectation,
  statusMeets,
} from './expect.ts'
import { type Play, UnknownActor } from './play.ts'
import { buildRequest, chopOf, opening, requestParts } from './request.ts'
import { StockSocket } from './stock-websocket.ts'
import { ActorName, closed, DurationText, met, type Outcome, unable, unmet, verb } from './verb.ts'

const handshakeSchema = Type.Object(
  {
    as: Type.Optional(ActorName),
    to: Type.Optional(Type.Union([Type.Literal('websocket'), Type.Literal('updates')])),
    subprotocols: Type.Optional(Type.Array(Type.String())),
    extensions: Type.Optional(Type.String({ description: 'The Sec-WebSocket-Extensions field' })),
    key: Type.Optional(
      Type.String({ description: 'The Sec-WebSocket-Key; `random` (the default) is 16 bytes in base64' }),
    ),
    'answers-pings': Type.Optional(Type.Boolean()),
    ...requestParts,
  },
  closed,
)
type HandshakeArgs = Static<typeof handshakeSchema>

/** Sends the opening handshake of RFC 6455 section 4.1, with what the case changes of it. */
async function sendHandshake(play: Play, args: HandshakeArgs): Promise<void> {
  const name = args.as ?? 'client'
  const kind = args.to ?? 'websocket'
  const session = await openSession(play.target, kind, play.scope(), play.within('10s'))
  const address = play.target.address(kind, play.scope(session))
  const key = args.key === undefined || args.key === 'random' ? newKey(play.mask()) : args.key
  const http = await play.connect(name, address.url)
  const peer = new WebSocketPeer(http, {
    limits: play.limits,
    onFinding: play.onFinding,
    mask: () => play.mask(),
    note: (what) => play.note(name, what),
    answersPings: args['answers-pings'] ?? true,
  })
  const request = buildRequest(address, args, handshakeFields(args, key))
  const exchange = peer.open(request.bytes, { ...request, chop: chopOf(args.write) })
  exchange.onHead = (head) => agree(play, peer, head, args, key)
  play.add(name, { kind: 'peer', peer })
}

const handshakeFields = (
  { subprotocols, extensions }: HandshakeArgs,
  key: string,
): (readonly [string, string])[] => [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', key],
  ['Sec-WebSocket-Version', '13'],
  ...(subprotocols === undefined ? [] : [['Sec-WebSocket-Protocol', subprotocols.join(', ')] as const]),
  ...(extensions === undefined ? [] : [['Sec-WebSocket-Extensions', extensions] as const]),
]

/** What both sides have agreed on in a 101; every rule of the answer that is broken is a finding. */
function agree(play: Play, peer: WebSocketPeer, head: ResponseHead, args: HandshakeArgs, key: string): void {
  if (head.status !== 101) return
  const offered = parseExtensions(args.extensions ?? '') ?? []
  const findings = checkHandshakeResponse(head, {
    key,
    offeredSubprotocols: args.subprotocols ?? [],
    offeredExtensions: offered.map(({ name }) => name),
  })
  const agreed = parseExtensions(head.headers.get('sec-websocket-extensions') ?? '') ?? []
  for (const finding of [...findings, ...checkDeflateAnswer(agreed, offered)]) play.onFinding(finding)
  const deflate = agreed.find(({ name }) => name === 'permessage-deflate')
  if (deflate) peer.useDeflate(agreedDeflate(deflate.params))
}

const handshakeVerb = verb({
  name: 'handshake',
  about: 'Sends an opening handshake, right or wrong, and does not wait for the answer.',
  expects: false,
  schema: handshakeSchema,
  run: (args, play) => opening(() => sendHandshake(play, args)),
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
    const sent = await opening(() =>
      sendHandshake(play, { ...handshake, ...(extensions === undefined ? {} : { extensions }) }),
    )
    if (sent.kind !== 'met') return sent
    const exchange = play.exchange(args.as ?? 'client')
    if (!(await exchange.headed(play.within()))) return unable('no answer to the opening handshake in time')
    return exchange.head?.status === 101
      ? met
      : unable(`the opening handshake needs 101, got ${describeResponse(exchange.head, exchange.completion)}`)
  },
  draw: ({ as = 'client' }) => [
    { actor: as, towards: 'target', text: 'opening handshake' },
    { actor: as, towards: 'kit', text: '101' },
  ],
})

async function connectStock(play: Play, args: HandshakeArgs, deflate: boolean): Promise<Outcome> {
  const name = args.as ?? 'client'
  const address: Address = play.target.address(args.to ?? 'websocket', play.scope())
  play.countSocket()
  const options = { subprotocols: args.subprotocols ?? [], deflate }
  const socket = new StockSocket(
    address,
    play.target,
    options,
    (what) => play.note(name, what),
    () => play.transcript.now(),
  )
  play.atEnd(() => socket.terminate())
  play.add(name, { kind: 'stock-socket', socket })
  return (await socket.opened(play.within()))
    ? met
    : unable(`the stock client got no connection: ${socket.refusal ?? 'no answer in time'}`)
}

function peerOf(play: Play, name: string): WebSocketPeer {
  const actor = play.actor(name)
  if (actor.kind !== 'peer') throw new UnknownActor(`"${name}" is not a WebSocket peer of its own`)
  return actor.peer
}

const acceptedVerb = verb({
  name: 'accepted',
  about: 'The opening handshake is answered with 101 and the right Sec-WebSocket-Accept.',
  expects: true,
  schema: Type.Object(
    {
      who: Type.Optional(ActorName),
      within: Type.Optional(DurationText),
      headers: Type.Optional(Type.Record(Type.String(), FieldExpectation)),
    },
    closed,
  ),
  run: async ({ who = 'client', within, headers }, play) => {
    const exchange = play.exchange(who)
    if (!(await exchange.headed(play.within(within))))
      return unmet('the handshake answered with 101', 'no answer in time', { late: true })
    const { head } = exchange
    if (head?.status !== 101)
      return unmet('the handshake answered with 101', describeResponse(head, exchange.completion))
    const broken = play.findings.find(({ rule }) => rule === 'ws-hs-key-hash')
    if (broken) return unmet('a Sec-WebSocket-Accept made of this key', broken.detail)
    for (const [name, wanted] of Object.entries(headers ?? {})) {
      const mismatch = fieldMismatch(name, wanted, head.headers)
      if (mismatch) return unmet(mismatch.expected, mismatch.observed)
    }
    return met
  },
  draw: ({ who = 'client' }) => [{ actor: who, towards: 'kit', text: '101 Switching Protocols' }],
})

const refusedVerb = verb({
  name: 'refused',
  about:
    'The opening handshake is refused with an HTTP error. Refusing it in another way, or dropping the connection, is a deviation; 101 is a failure.',
  expects: true,
  schema: Type.Object(
    {
      who: Type.Optional(ActorName),
      within: Type.Optional(DurationText),
      status: Type.Optional(StatusExpectation),
      headers: Type.Optional(Type.Record(Type.String(), FieldExpectation)),
    },
    closed,
  ),
  run: async ({ who = 'client', within, status = '4xx', headers }, play) => {
    const wanted = `the handshake refused with ${describeStatus(status)}`
    const exchange = play.exchange(who)
    if (!(await exchange.headed(play.within(within))))
      return unmet(wanted, 'no answer in time', { late: true })
    const { head, completion } = exchange
    if (head === undefined) return unmet(wanted, describeResponse(head, completion), { grade: 'warn' })
    if (head.status === 101) return unmet(wanted, describeResponse(head, completion))
    if (!statusMeets(status, head.status))
      return unmet(wanted, describeResponse(head, completion), { grade: 'warn' })
    for (const [name, field] of Object.entries(headers ?? {})) {
      const mismatch = fieldMismatch(name, field, head.headers)
      if (mismatch) return unmet(mismatch.expected, mismatch.observed)
    }
    return met
  },
  draw: ({ who = 'client', status = '4xx' }) => [
    { actor: who, towards: 'kit', text: `refusal, ${describeStatus(status)}` },
  ],
})

export { connectVerb, handshakeFields, peerOf }
export const handshakeVerbs = [handshakeVerb, connectVerb, acceptedVerb, refusedVerb]
