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
    resume: Type.Optional(
      Type.Boolean({ description: 'Replays the events after the one with Last-Event-ID' }),
    ),
    update: Type.Optional(UpdateShape),
    event: Type.Optional(Type.String({ description: 'The event type that carries updates (default: any)' })),
    retry: Type.Optional(Type.Boolean({ description: 'Announces a reconnection time' })),
    keepAlive: Type.Optional(
      Type.String({
        ...Duration,
        description: 'The longest time between two signs of life on an idle stream, such as comments',
      }),
    ),
    idle: Type.Optional(
      Type.String({
        ...Duration,
        description:
          'How long a stream stays open on which nothing happens (default: longer than cases wait)',
      }),
    ),
    greeting: Type.Optional(
      Type.Boolean({ description: 'Each stream begins with an event that is not an update' }),
    ),
    emits: Type.Optional(Type.Boolean({ description: 'Sends events without a publish' })),
    streams: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200,
        description: 'How many streams of a channel can be open at the same time',
      }),
    ),
    refused: Refused,
    waiters: Type.Optional(Waiters),
    idQuery: Type.Optional(
      Type.String({
        description: 'A query parameter that may carry the last event ID; the header field takes precedence',
      }),
    ),
    unknownId: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Literal('new')], {
        description:
          'What a client gets whose last event ID is unknown or no longer kept: all kept events, or only new ones',
      }),
    ),
    cors: Type.Optional(
      Type.Object(
        {
          origin: Type.Optional(Type.String({ description: 'The allowed origin (default: any)' })),
          credentials: Credentials,
          accepts: Type.Optional(
            Type.Array(Type.String(), {
              description: 'Header fields that scripts of these pages may send, such as Last-Event-ID',
            }),
          ),
        },
        { ...closed, description: 'Pages of other origins may read the stream' },
      ),
    ),
    end: Type.Optional(requestWhich('Ends the open streams of the channel, each with a complete response')),
    finish: Type.Optional(
      requestWhich('Ends the channel: clients that reconnect get a 204, which tells them to stop'),
    ),
  },
  closed,
)

export const DeflateParameters = Type.Object(
  {
    serverWindow: Type.Optional(Type.Boolean({ description: 'Agrees to server_max_window_bits' })),
    clientWindow: Type.Optional(
      Type.Boolean({ description: 'Responds to client_max_window_bits with a value' }),
    ),
    clientContext: Type.Optional(
      Type.Boolean({ description: 'Does not require client_no_context_takeover' }),
    ),
    serverNoContext: Type.Optional(Type.Boolean({ description: 'Agrees to server_no_context_takeover' })),
  },
  { additionalProperties: false },
)

export const WebSocketEndpoint = Type.Object(
  {
    path: Path,
    headers: Type.Optional(Headers),
    setup: Type.Optional(Setup),
    echo: Type.Optional(Type.Boolean({ description: 'Sends every message back unchanged' })),
    pushes: Type.Optional(Type.Boolean({ description: 'Sends messages without being asked' })),
    updates: Type.Optional(
      Type.Union([Type.Boolean(), Path], {
        description: 'Delivers published updates; a path if they have an endpoint of their own',
      }),
    ),
    update: Type.Optional(UpdateShape),
    cursor: Type.Optional(
      Type.Object(cursorShape, {
        ...closed,
        description:
          'How a feed continues after a broken connection: where a message contains its position, and how the next handshake sends it',
      }),
    ),
    subprotocols: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'The subprotocols that the endpoint supports; clients offer them unless a case offers others',
      }),
    ),
    deflate: Type.Optional(
      Type.Union([Type.Boolean(), DeflateParameters], {
        description: 'Agrees to permessage-deflate: true, or the parameters that it agrees to',
      }),
    ),
    origins: Type.Optional(
      Type.Union([Type.Literal('any'), Type.Literal('same'), Type.Array(Type.String(), { minItems: 1 })], {
        description:
          'Which origins may open a WebSocket: any (default), only that of the same host, or a list',
      }),
    ),
    onlyKnownPaths: Type.Optional(Type.Boolean({ description: 'A handshake at an unknown path is refused' })),
    idle: Type.Optional(
      Type.String({
        ...Duration,
        description: 'How long a connection stays open on which nothing but pings and pongs is sent',
      }),
    ),
    maxMessage: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Size of the largest message that is accepted, in bytes' }),
    ),
  },
  closed,
)
