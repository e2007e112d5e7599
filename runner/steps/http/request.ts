import { Type } from '@sinclair/typebox'
import { HookFailed } from '../../targets/errors/hook-failed.ts'
import type { Address, EndpointKind } from '../../targets/address.ts'
import type { Scope } from '../../targets/description/template.ts'
import type { Exchange } from '../../wire/exchange.ts'
import { ActorName, closed } from '../language/arguments.ts'
import { allowedOrigin } from '../language/origins.ts'
import { met, unable } from '../language/outcome.ts'
import {
  buildRequest,
  chopSize,
  Endpoint,
  requestOverrides,
  sendRequest,
  unableUnlessConnected,
  wireFormat,
} from '../language/request.ts'
import { verb } from '../language/verb.ts'
import { Actor } from '../stage/actor.ts'
import type { Play } from '../stage/play.ts'

/** A client that has sent a request. */
class Requester extends Actor {
  /** The body that was not sent with the header section; empty if all was sent. */
  readonly withheld: Uint8Array
  readonly #exchange: Exchange

  constructor(name: string, exchange: Exchange, withheld: Uint8Array) {
    super(name)
    this.#exchange = exchange
    this.withheld = withheld
  }

  override get exchange(): Exchange {
    return this.#exchange
  }
}

const requestVerb = verb({
  name: 'request',
  about: 'Sends one HTTP request and does not wait for the answer.',
  expects: false,
  schema: Type.Object(
    {
      as: Type.Optional(ActorName),
      to: Type.Optional(Endpoint),
      on: Type.Optional(Type.String({ description: 'The request whose connection is used again' })),
      ...requestOverrides,
      ...wireFormat,
      refused: Type.Optional(
        Type.Boolean({ description: 'The one that the target refuses, as the description says' }),
      ),
      origin: Type.Optional(
        Type.Boolean({ description: 'As a page of the declared origin sends it, with an Origin field' }),
      ),
    },
    closed,
  ),
  run: (args, play) =>
    unableUnlessConnected(async () => {
      const name = args.as ?? 'request'
      const update = { data: args.data ?? '', type: '', id: '' }
      const page = args.origin === true ? [['Origin', allowedOrigin(play, args.to)] as const] : []
      const address =
        args.refused === true
          ? refusedOf(play, args.to)
          : await addressOf(play, args.to ?? 'http', play.identity.scope(update))
      const on = args.on === undefined ? undefined : play.actors.exchange(args.on).connection
      const request = buildRequest(address, args, page)
      const exchange = await sendRequest(play, name, address, request, { on, chop: chopSize(args.write) })
      play.actors.add(new Requester(name, exchange, request.withheld))
    }),
  draw: (args) => [
    {
      actor: args.as ?? 'request',
      towards: 'target',
      text: `${args.method ?? 'GET'} ${args.target ?? args.to ?? 'http'}`,
    },
  ],
})

function refusedOf(play: Play, kind: EndpointKind | undefined): Address {
  const { [kind === 'sse' ? 'sse' : 'long-polling']: endpoint } = play.target.description
  if (endpoint?.refused === undefined) throw new HookFailed('the description has no request that is refused')
  return play.target.request(endpoint.refused, play.identity.scope())
}

/** The address of an endpoint; where its description has a `setup`, in a session of its own. */
async function addressOf(play: Play, kind: EndpointKind, scope: Scope): Promise<Address> {
  return play.target.address(kind, await play.openSession(kind, scope))
}

const sendBodyVerb = verb({
  name: 'send-body',
  about: 'Sends the body that a request has withheld.',
  expects: false,
  schema: Type.Object({ of: Type.Optional(ActorName) }, closed),
  run: ({ of = 'request' }, play) => {
    const actor = play.actors.get(of)
    if (!(actor instanceof Requester)) return unable(`"${of}" has withheld no body`)
    void actor.exchange.connection.wire.write(actor.withheld, 'body')
    return met
  },
  draw: ({ of = 'request' }) => [{ actor: of, towards: 'target', text: 'body' }],
})

const waitVerb = verb({
  name: 'wait',
  about: 'Waits until a request is answered or its connection has ended, and judges nothing.',
  expects: false,
  schema: Type.Object({ for: Type.Optional(ActorName) }, closed),
  run: async ({ for: name = 'request' }, play) => {
    await play.actors.exchange(name).completed(play.bounds.within())
    return met
  },
  draw: ({ for: name = 'request' }) => [{ actor: name, towards: 'none', text: 'waits for the answer' }],
})

export const requestVerbs = [requestVerb, sendBodyVerb, waitVerb]
