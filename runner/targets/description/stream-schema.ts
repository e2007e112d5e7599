import { Type } from '@sinclair/typebox'
import {
  closed,
  cursorShape,
  Duration,
  Headers,
  Path,
  Refused,
  requestWhich,
  Setup,
  UpdateShape,
} from './common-schema.ts'
import { Credentials, Waiters } from './polling-schema.ts'

export const ServerSentEvents = Type.Object(
  {
    path: Path,
    headers: Type.Optional(Headers),
    setup: Type.Optional(Setup),
    resume: Type.Optional(Type.Boolean({ description: 'Replays what came after Last-Event-ID' })),
    update: Type.Optional(UpdateShape),
    event: Type.Optional(Type.String({ description: 'The event type that carries updates (default: any)' })),
    retry: Type.Optional(Type.Boolean({ description: 'Announces a reconnection time' })),
    keepAlive: Type.Optional(
      Type.String({
        ...Duration,
        description: 'How often an idle stream gives a sign of life, such as a comment',
      }),
    ),
    greeting: Type.Optional(
      Type.Boolean({ description: 'Each stream begins with an event of its own, which is no update' }),
    ),
    emits: Type.Optional(Type.Boolean({ description: 'Sends events on its own' })),
    streams: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, description: 'So many streams of a channel can be open' }),
    ),
    refused: Refused,
    waiters: Type.Optional(Waiters),
    idQuery: Type.Optional(
      Type.String({
        description: 'A query parameter that may carry the last event ID; the header field wins',
      }),
    ),
    unknownId: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Literal('new')], {
        description:
          'What a client gets whose last event ID is not known (any more): all that is kept, or only what is new',
      }),
    ),
    cors: Type.Optional(
      Type.Object(
        {
          origin: Type.Optional(Type.String({ description: 'An origin that is let in (default: any is)' })),
          credentials: Credentials,
        },
        { ...closed, description: 'Pages of other origins may read the stream' },
      ),
    ),
    end: Type.Optional(requestWhich('Ends the open streams of the channel in an orderly way')),
    finish: Type.Optional(requestWhich('Ends the channel: whoever comes back is told with 204 to stop')),
  },
  closed,
)

export const DeflateParameters = Type.Object(
  {
    serverWindow: Type.Optional(Type.Boolean({ description: 'Agrees to server_max_window_bits' })),
    clientWindow: Type.Optional(Type.Boolean({ description: 'Answers client_max_window_bits with a value' })),
    clientContext: Type.Optional(Type.Boolean({ description: 'Does not demand client_no_context_takeover' })),
    serverNoContext: Type.Optional(Type.Boolean({ description: 'Agrees to server_no_context_takeover' })),
  },
  { additionalProperties: false },
)

export const WebSocketEndpoint = Type.Object(
  {
    path: Path,
    headers: Type.Optional(Headers),
    setup: Type.Optional(Setup),
    echo: Type.Optional(Type.Boolean({ description: 'Sends back every message as it came' })),
    pushes: Type.Optional(Type.Boolean({ description: 'Sends messages on its own' })),
    updates: Type.Optional(
      Type.Union([Type.Boolean(), Path], {
        description: 'Delivers what is published; a path, if it is another address',
      }),
    ),
    update: Type.Optional(UpdateShape),
    cursor: Type.Optional(
      Type.Object(cursorShape, {
        ...closed,
        description:
          'How a feed goes on after a broken connection: where a message says its position, and how the next handshake sends it',
      }),
    ),
    subprotocols: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Which it speaks; clients offer them, where a case does not offer something else',
      }),
    ),
    deflate: Type.Optional(
      Type.Union([Type.Boolean(), DeflateParameters], {
        description: 'Agrees to permessage-deflate; or to which of its parameters',
      }),
    ),
    origins: Type.Optional(
      Type.Union([Type.Literal('any'), Type.Literal('same'), Type.Array(Type.String(), { minItems: 1 })], {
        description:
          'Which Origin may open a WebSocket: any (default), only that of the same host, or those listed',
      }),
    ),
    onlyKnownPaths: Type.Optional(
      Type.Boolean({ description: 'A path at which there is nothing is no WebSocket either' }),
    ),
    maxMessage: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Bytes of the largest message that is taken' }),
    ),
  },
  closed,
)
