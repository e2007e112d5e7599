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
import { plainResource } from './plain-resource.ts'
import type { Play } from '../stage/play.ts'

/** An actor that has sent one request. */
export class Requester extends Actor {
  /** The body, if it was not sent with the header section; otherwise empty. */
  readonly withheld: Uint8Array
  /** It is the request that the target refuses according to its description, with any status. */
  readonly isDeclaredRefusal: boolean
  readonly #exchange: Exchange

  constructor(
    name: string,
    exchange: Exchange,
    { withheld, isDeclaredRefusal }: { withheld: Uint8Array; isDeclaredRefusal: boolean },
  ) {
    super(name)
    this.#exchange = exchange
    this.withheld = withheld
    this.isDeclaredRefusal = isDeclaredRefusal
  }

  override get exchange(): Exchange {
    return this.#exchange
  }
}

const requestVerb = verb({
  name: 'request',
  about: 'Sends one HTTP request and does not wait for the response.',
  expects: false,
  schema: Type.Object(
    {
      as: Type.Optional(ActorName),
      to: Type.Optional(Endpoint),
      on: Type.Optional(
        Type.String({ description: 'The request whose connection is reused (default: a new connection)' }),
      ),
      'or-new': Type.Optional(
        Type.Boolean({
          description: 'With `on`: use a new connection if that one cannot carry another request',
        }),
      ),
      ...requestOverrides,
      ...wireFormat,
      refused: Type.Optional(
        Type.Boolean({
          description: 'Send the request that the target refuses according to its description',
        }),
      ),
      origin: Type.Optional(
        Type.Boolean({
          description: 'Send the declared origin in an Origin field, as a page of that origin does',
        }),
      ),
    },
    closed,
  ),
  run: (args, play) =>
    unableUnlessConnected(async () => {
      const name = args.as ?? 'request'
      const update = { data: args.data ?? '', type: '', id: '' }
      const originField = args.origin === true ? [['Origin', allowedOrigin(play, args.to)] as const] : []
      const address =
        args.refused === true
          ? refusedRequest(play, args.to)
          : await addressInNewSession(play, args.to ?? plainResource(play), play.identity.scope(update))
      const before = args.on === undefined ? undefined : play.actors.exchange(args.on)
      const isNew = args['or-new'] === true && before?.isConnectionReusable === false
      const on = isNew ? undefined : before?.connection
      const request = buildRequest(address, args, originField)
      const exchange = await sendRequest(play, name, address, request, { on, chop: chopSize(args.write) })
      const { withheld } = request
      play.actors.add(new Requester(name, exchange, { withheld, isDeclaredRefusal: args.refused === true }))
    }),
  draw: (args) => [
    {
      actor: args.as ?? 'request',
      towards: 'target',
      text: `${args.method ?? 'GET'} ${args.target ?? args.to ?? 'http'}`,
    },
  ],
})

function refusedRequest(play: Play, kind: EndpointKind | undefined): Address {
  const { [kind === 'sse' ? 'sse' : 'long-polling']: endpoint } = play.target.description
  if (endpoint?.refused === undefined)
    throw new HookFailed('the target description names no request that is refused')
  return play.target.request(endpoint.refused, play.identity.scope())
}

/** The address of an endpoint, in a new session if its description has a `setup`. */
async function addressInNewSession(play: Play, kind: EndpointKind, scope: Scope): Promise<Address> {
  return play.target.address(kind, await play.openSession(kind, scope))
}

const sendBodyVerb = verb({
  name: 'send-body',
  about: 'Sends the body of a request that was sent with `withhold`.',
  expects: false,
  schema: Type.Object({ of: Type.Optional(ActorName) }, closed),
  run: ({ of = 'request' }, play) => {
    const actor = play.actors.get(of)
    if (!(actor instanceof Requester)) return unable(`"${of}" is not a request with a withheld body`)
    void actor.exchange.write(actor.withheld, 'body')
    return met
  },
  draw: ({ of = 'request' }) => [{ actor: of, towards: 'target', text: 'body' }],
})

const waitVerb = verb({
  name: 'wait',
  about: 'Waits until the response to a request is complete or its connection has ended; nothing is judged.',
  expects: false,
  schema: Type.Object({ for: Type.Optional(ActorName) }, closed),
  run: async ({ for: name = 'request' }, play) => {
    await play.actors.exchange(name).completed(play.bounds.within())
    return met
  },
  draw: ({ for: name = 'request' }) => [{ actor: name, towards: 'none', text: 'waits for the response' }],
})

export const requestVerbs = [requestVerb, sendBodyVerb, waitVerb]
